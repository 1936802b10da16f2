//! Where the panels are, and which of them is the current one: the one that was last pressed or given the keyboard, or the
//! window over them.

use egui::{Context, Id, Rect, Ui};

/// The panels that are on the screen.
#[derive(Clone, Debug, Default)]
struct Board {
    present: Vec<Present>,
    current: Option<String>,
    /// What had the keyboard when that was last looked at.
    focused: Option<Id>,
}

/// A panel.
#[derive(Clone, Debug)]
struct Present {
    name: String,
    rect: Rect,
    /// Whether it lies over the others.
    over: bool,
    /// The pass in which it was last drawn.
    drawn: u64,
}

/// A panel says, whenever it is drawn, that it is there.
pub(super) fn join(ui: &Ui, name: &str) {
    let rect = ui.clip_rect();
    let is_pressed = ui.input(|input| input.pointer.any_pressed()) && ui.rect_contains_pointer(rect);
    let focused = ui.memory(egui::Memory::focused);
    let has_keyboard = |id| {
        let response = ui.ctx().read_response(id);
        response.is_some_and(|it| it.layer_id == ui.layer_id() && rect.contains(it.rect.center()))
    };
    let holds = focused.filter(|id| has_keyboard(*id));
    let drawn = ui.ctx().cumulative_pass_nr();
    with_board(ui.ctx(), |board| {
        board.note(Present { name: name.to_owned(), rect, over: false, drawn });
        if is_pressed || holds.is_some() && holds != board.focused {
            board.current = Some(name.to_owned());
        }
        board.focused = holds.or(board.focused);
    });
}

/// A window over the panels says that it is there.
pub(super) fn join_over(ctx: &Context, name: &str, rect: Rect) {
    let drawn = ctx.cumulative_pass_nr();
    with_board(ctx, |board| board.note(Present { name: name.to_owned(), rect, over: true, drawn }));
}

/// The name of the current panel, and where it is, in points; `None` where there is none.
#[must_use]
pub fn current(ctx: &Context) -> Option<(String, Rect)> {
    with_board(ctx, |board| {
        let mut over = board.present.iter().filter(|panel| panel.over);
        let current = board.current.as_deref().or(Some("Events"));
        let chosen = board.present.iter().find(|panel| Some(panel.name.as_str()) == current);
        let panel = over.next().or(chosen).or(board.present.first())?;
        Some((panel.name.clone(), panel.rect))
    })
}

/// Where a panel is, in points.
#[must_use]
pub fn place(ctx: &Context, name: &str) -> Option<Rect> {
    with_board(ctx, |board| board.present.iter().find(|panel| panel.name == name).map(|panel| panel.rect))
}

impl Board {
    /// Those that were not drawn again are gone.
    fn note(&mut self, panel: Present) {
        self.present.retain(|other| other.name != panel.name && other.drawn + 1 >= panel.drawn);
        self.present.push(panel);
    }
}

fn with_board<R>(ctx: &Context, change: impl FnOnce(&mut Board) -> R) -> R {
    let id = Id::unique("panels on the screen");
    ctx.data_mut(|data| change(data.get_temp_mut_or_default::<Board>(id)))
}
