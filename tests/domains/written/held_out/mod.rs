//! The domains on which readings are only measured: nobody thinks up a reading because of one of them.

mod booking;
mod cart;
mod course;
mod device;
mod document;
mod loan;
mod poll;
mod subscription;

use super::Written;

pub const HELD_OUT: [Written; 8] = [
    loan::LOAN,
    poll::POLL,
    subscription::SUBSCRIPTION,
    document::DOCUMENT,
    booking::BOOKING,
    course::COURSE,
    cart::CART,
    device::DEVICE,
];
