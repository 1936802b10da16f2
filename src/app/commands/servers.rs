//! The family of servers whose events are opened like a file.

use std::path::{Path, PathBuf};

use super::App;
use crate::app::answers::Answer;
use crate::app::messages::{good, of_error};
use crate::app::typed_path::expanded;
use crate::model::{Command, OpenServer, Overlay, ServerAsked};
use crate::session::servers::{self, Followed, ServerNotice, ServerStep, ServerVisit};
use crate::ui::Message;

impl App {
    pub(super) fn carry_out_servers(&mut self, command: Command) -> Result<(), Command> {
        match command {
            Command::OpenServer => self.open_server(),
            Command::ConnectServer(asked) => self.visit().connect(*asked),
            Command::LeaveServer => self.visit().leave(),
            Command::ExpectSlice(asked) => self.visit().expect(*asked),
            Command::GatherSlice(asked) => self.visit().gather(*asked),
            Command::StopGathering => self.visit().stop_gathering(),
            Command::KeepSlices(days) => self.visit().keep_for(days),
            Command::MoreOfServer => self.more_of_server(),
            Command::FollowServer => self.visit().follow(),
            Command::StopFollowing => self.visit().stop_following(),
            Command::ForgetSlice => self.forget_slice(),
            Command::ForgetKept(file) => self.forget_kept(&file),
            Command::AppendToCopy => {
                self.drafts.server.begin_copy(&self.beside("copy.db"));
                self.view.overlay = Overlay::SliceCopy;
            }
            Command::CopySlice(to) => self.copy_slice(expanded(to)),
            Command::UsePath(path) if self.view.overlay == Overlay::SliceCopy => self.drafts.server.chose(&path),
            other => return Err(other),
        }
        Ok(())
    }

    /// The server that is looked at; one is begun with where there is none.
    fn visit(&mut self) -> &mut ServerVisit {
        let wake = self.wake();
        self.server.get_or_insert_with(|| ServerVisit::new(&self.places, wake))
    }

    fn open_server(&mut self) {
        let visit = self.visit();
        visit.look_at_kept();
        if visit.view().step == ServerStep::Choosing {
            visit.leave();
        }
        self.drafts.server.begin();
        self.view.overlay = Overlay::Server;
    }

    /// Connects to the server of a URL, and shows what is found there.
    pub(in crate::app) fn open_url(&mut self, url: &Path) {
        let (asked, table) = asked_by(url);
        // A password may stand in what was typed.
        self.drafts.forget_path();
        self.drafts.server.begin_with(&asked, table);
        self.view.overlay = Overlay::Server;
        self.visit().connect(asked);
    }

    fn more_of_server(&mut self) {
        let Some(visit) = &mut self.server else { return };
        visit.choose_again();
        if let Some(slice) = &visit.view().slice {
            self.drafts.server.begin_wider(&slice.asked);
        }
        self.view.overlay = Overlay::Server;
    }

    fn forget_slice(&mut self) {
        let Some(file) = self.session.as_ref().and_then(|session| session.overview()).map(|it| it.path.clone()) else {
            return;
        };
        self.close();
        self.forget_kept(&file);
        self.messages.add(good("The slice was deleted. Nothing was done to the server."));
    }

    fn forget_kept(&mut self, file: &Path) {
        let is_open = self.request.as_ref().is_some_and(|request| request.path == file);
        if is_open {
            self.close();
            self.view.overlay = Overlay::Server;
        }
        self.settings.forget(file);
        self.visit().forget(file);
    }

    fn copy_slice(&mut self, to: PathBuf) {
        let Some(file) = self.request.as_ref().map(|request| request.path.clone()) else { return };
        self.view.overlay = Overlay::None;
        self.in_background("copy slice", move || match servers::copy_slice(&file, &to) {
            Ok(()) => Answer::SliceCopied(to),
            Err(error) => Answer::Failed(error),
        });
    }

    /// Opens the copy: it is a file like any other, to which events can be appended once it is unlocked.
    pub(in crate::app) fn slice_copied(&mut self, to: PathBuf) {
        let text = format!("The slice was copied to {}. Unlock it to append events.", to.display());
        self.open_path(to);
        self.messages.add(good(text));
    }

    /// Takes in what there is to tell of the server.
    pub(in crate::app) fn take_server_notices(&mut self) {
        let Some(visit) = &mut self.server else { return };
        for notice in visit.poll() {
            match notice {
                ServerNotice::Gathered(file) if self.view.overlay == Overlay::Server => self.open_path(file),
                ServerNotice::Gathered(file) => {
                    let text = "The slice of the server was gathered.".to_owned();
                    self.messages.add(Message { offer: Some(Command::OpenPath(file)), ..good(text) });
                }
                ServerNotice::PasswordNotRemembered(error) => self.messages.add(of_error(&error)),
                ServerNotice::FollowingEnded(error) => {
                    self.messages.add(Message { offer: Some(Command::FollowServer), ..of_error(&error) });
                }
                // The window that asks says it in its own place.
                ServerNotice::Failed(error) if self.view.overlay != Overlay::Server => {
                    self.messages.add(of_error(&error));
                }
                ServerNotice::Failed(_) => {}
            }
        }
    }

    /// What is known of the server whose slice is open.
    pub(in crate::app) fn open_server_facts(&self) -> OpenServer {
        let overview = self.session.as_ref().and_then(|session| session.overview());
        let view = self.server.as_ref().map(ServerVisit::view);
        let followed = view.and_then(|view| view.followed.as_ref());
        OpenServer {
            slice: overview.is_some_and(|overview| overview.slice.is_some()),
            known: self.server.as_ref().is_some_and(ServerVisit::is_known),
            followed: followed.is_some_and(Followed::goes_on),
            gathering: view.is_some_and(|view| view.step == ServerStep::Gathering),
        }
    }

    /// Tells the server which file is open from now on.
    pub(in crate::app) fn tell_server(&mut self, file: Option<&Path>) {
        if let Some(visit) = &mut self.server {
            visit.opened(file);
        }
    }

    /// What a slice of a server is remembered by; `None` for any other file.
    pub(in crate::app) fn url_of_slice(&self, file: &Path) -> Option<PathBuf> {
        let slice = self.server.as_ref()?.view().slice.as_ref()?;
        (slice.file == file).then(|| PathBuf::from(&slice.url))
    }
}

/// The server of a URL, and the table that is named behind a `#`.
fn asked_by(url: &Path) -> (ServerAsked, Option<String>) {
    let text = url.to_string_lossy();
    let (url, table) = text.trim().split_once('#').unwrap_or((text.trim(), ""));
    let (host, password) = servers::split_password(url);
    let asked = ServerAsked { host, password, ..ServerAsked::default() };
    (asked, Some(table.to_owned()).filter(|table| !table.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;

    #[test]
    fn a_url_is_parted_into_what_is_shown_and_what_is_not() {
        let (asked, table) = asked_by(Path::new("postgres://me:hu%20sh@h/shop?sslmode=require#public.events"));
        assert_eq!(asked.host, "postgres://me@h/shop?sslmode=require");
        assert_eq!(asked.password, Some(Secret::new("hu sh")));
        assert_eq!(table.as_deref(), Some("public.events"));
        assert_eq!(
            asked_by(Path::new(" postgres:///shop ")),
            (ServerAsked { host: "postgres:///shop".to_owned(), ..ServerAsked::default() }, None)
        );
    }
}
