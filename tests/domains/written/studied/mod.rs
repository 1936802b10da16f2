//! The domains that are looked at.

mod inventory;
mod leave;
mod meter;
mod parcel;
mod playlist;
mod screening;
mod ticket;
mod wallet;

use super::Written;

pub const STUDIED: [Written; 8] = [
    ticket::TICKET,
    wallet::WALLET,
    playlist::PLAYLIST,
    meter::METER,
    screening::SCREENING,
    parcel::PARCEL,
    leave::LEAVE_REQUEST,
    inventory::INVENTORY_ITEM,
];
