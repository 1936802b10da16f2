//! Who has the keyboard: the lists that can have it, and how it is handed from one to the next.
//!
//! A list is one stop, however long it is; within it the keys go from row to row (see `widgets::row_keys`).

use egui::{Context, Id, Popup};

use crate::model::Focus;

/// A list that can have the keyboard, in the order in which it is handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// The list of streams and tables.
    Streams,
    /// The rows in the middle: the events, or those of another table.
    Rows,
    /// What the selected event or row says.
    Data,
    /// The places that are pinned on top of the state.
    Pinned,
    /// The state that the stream has folded to.
    State,
    /// The states of streams that are kept in view.
    Kept,
    /// The history of a value, or of a watch, below the state.
    History,
}

/// The lists that are in the window, and what was asked of them.
#[derive(Clone, Debug, Default)]
struct Board {
    present: Vec<Present>,
    menu_wanted: bool,
    bar_wanted: bool,
}

#[derive(Clone, Copy, Debug)]
struct Present {
    stop: Stop,
    id: Id,
    focus: Focus,
    /// The pass in which it was last drawn.
    drawn: u64,
}

/// A list says, whenever it is drawn, that it is there, and which keys are its own while it has the keyboard.
pub fn join(ctx: &Context, stop: Stop, id: Id, focus: Focus) {
    let drawn = ctx.cumulative_pass_nr();
    with_board(ctx, |board| {
        board.present.retain(|other| other.id != id && other.drawn + 1 >= drawn);
        board.present.push(Present { stop, id, focus, drawn });
    });
}

/// What has the keyboard, for telling which keys are shortcuts.
#[must_use]
pub fn focus(ctx: &Context) -> Focus {
    if ctx.text_edit_focused() {
        return Focus::Text;
    }
    if Popup::is_any_open(ctx) {
        return Focus::List;
    }
    let Some(focused) = ctx.memory(egui::Memory::focused) else { return Focus::Nothing };
    let list = with_board(ctx, |board| board.present.iter().find(|list| list.id == focused).copied());
    list.map_or(Focus::Widget, |list| list.focus)
}

/// Gives the keyboard to a list; answers whether there is such a one.
#[allow(clippy::must_use_candidate, reason = "where there is none, the keyboard stays where it is")]
pub fn give(ctx: &Context, stop: Stop) -> bool {
    let list = with_board(ctx, |board| board.present.iter().find(|list| list.stop == stop).copied());
    if let Some(list) = list {
        ctx.memory_mut(|memory| memory.request_focus(list.id));
    }
    list.is_some()
}

/// Gives the keyboard to the list after, or before, the one that has it.
pub fn hand_on(ctx: &Context, forward: bool) {
    let focused = ctx.memory(egui::Memory::focused);
    let mut lists = with_board(ctx, |board| board.present.clone());
    lists.sort_by_key(|list| list.stop);
    let Some(last) = lists.len().checked_sub(1) else { return };
    let current = lists.iter().position(|list| Some(list.id) == focused);
    let next = match current {
        Some(current) if forward => {
            if current == last {
                0
            } else {
                current + 1
            }
        }
        Some(current) => current.checked_sub(1).unwrap_or(last),
        None => lists.iter().position(|list| list.stop == Stop::Rows).unwrap_or_default(),
    };
    if let Some(list) = lists.get(next) {
        ctx.memory_mut(|memory| memory.request_focus(list.id));
    }
}

/// Asks for the menu of the row that has the keyboard.
pub fn want_menu(ctx: &Context) {
    with_board(ctx, |board| board.menu_wanted = true);
}

/// Whether the menu of the row is wanted, which is so once; the list that has the keyboard asks.
#[must_use]
pub fn takes_menu(ctx: &Context) -> bool {
    with_board(ctx, |board| std::mem::take(&mut board.menu_wanted))
}

/// Asks for the first menu of the title bar.
pub fn want_menu_bar(ctx: &Context) {
    with_board(ctx, |board| board.bar_wanted = true);
}

/// Whether the first menu of the title bar is wanted, which is so once.
#[must_use]
pub fn takes_menu_bar(ctx: &Context) -> bool {
    with_board(ctx, |board| std::mem::take(&mut board.bar_wanted))
}

fn with_board<R>(ctx: &Context, change: impl FnOnce(&mut Board) -> R) -> R {
    let id = Id::unique("lists for the keyboard");
    ctx.data_mut(|data| change(data.get_temp_mut_or_default::<Board>(id)))
}
