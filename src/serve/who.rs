//! Who may do what: bearer tokens from a file, which is read again when the service is told to.

use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use axum::http::{HeaderMap, Method, StatusCode, header};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::problem::Problem;
use crate::error::{Error, Result};

/// What somebody may do. Each may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Read everything.
    Read = 1,
    /// Append events and store snapshots.
    Append = 2,
    /// Register schemas and archive.
    Admin = 3,
}

impl Role {
    fn named(word: &str) -> Option<Self> {
        match word {
            "read" => Some(Self::Read),
            "append" => Some(Self::Append),
            "admin" => Some(Self::Admin),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Append => "append",
            Self::Admin => "admin",
        }
    }

    /// What a request takes; `None` for those that anybody may ask.
    pub(super) fn needed(method: &Method, path: &str) -> Option<Self> {
        let reads = matches!(*method, Method::GET | Method::HEAD);
        match path {
            "/healthz" | "/readyz" if reads => None,
            _ if reads => Some(Self::Read),
            _ if path.starts_with("/events") || path.starts_with("/snapshots/") => Some(Self::Append),
            _ => Some(Self::Admin),
        }
    }
}

/// A token as it is kept: only what it is recognised by.
struct Token {
    hash: [u8; 32],
    role: Role,
}

/// The tokens that are good.
pub(super) struct Tokens {
    #[cfg_attr(not(unix), allow(dead_code, reason = "only a signal has it read again"))]
    file: PathBuf,
    tokens: RwLock<Vec<Token>>,
}

/// The fewest letters of a token: fewer are guessed.
const SHORTEST: usize = 16;

impl Tokens {
    /// Reads the tokens of a file.
    pub(super) fn read(file: &Path) -> Result<Self> {
        Ok(Self { file: file.to_owned(), tokens: RwLock::new(parse_file(file)?) })
    }

    /// Reads them again; where that fails those from before stay good.
    #[cfg_attr(not(unix), allow(dead_code, reason = "only a signal asks for it"))]
    pub(super) fn reread(&self) -> Result<()> {
        let tokens = parse_file(&self.file)?;
        *self.tokens.write().unwrap_or_else(PoisonError::into_inner) = tokens;
        Ok(())
    }

    /// Refuses a request whose token is not good for what it takes.
    pub(super) fn check(&self, headers: &HeaderMap, needed: Role) -> std::result::Result<(), Problem> {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = given.and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        let Some(token) = token else {
            return Err(Problem::unauthorized("this service asks for a token")
                .at("Authorization")
                .hint("Send `Authorization: Bearer TOKEN`."));
        };
        match self.role_of(token) {
            None => Err(Problem::unauthorized("this token is not known").at("Authorization")),
            Some(role) if role < needed => {
                let detail = format!("this token may {}, and it takes one that may {}", role.name(), needed.name());
                Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", detail).at("Authorization"))
            }
            Some(_) => Ok(()),
        }
    }

    /// What a token may do. It takes as long for every token, whichever of those in the file it is like.
    fn role_of(&self, token: &str) -> Option<Role> {
        let hash = hmac_sha256::Hash::hash(token.as_bytes());
        let mut found = 0_u8;
        for known in self.tokens.read().unwrap_or_else(PoisonError::into_inner).iter() {
            let same: Choice = known.hash.ct_eq(&hash);
            found.conditional_assign(&(known.role as u8), same);
        }
        [Role::Read, Role::Append, Role::Admin].into_iter().find(|role| *role as u8 == found)
    }
}

fn parse_file(file: &Path) -> Result<Vec<Token>> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Error::from(error).context(format_args!("reading the tokens in {}", file.display())))?;
    parse(&text).map_err(|error| error.context(file.display()))
}

/// Reads lines such as `append 3f9a…`. What is wrong is said by its line, never by its text.
fn parse(text: &str) -> Result<Vec<Token>> {
    let mut tokens = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = |what: &str| {
            Error::bad_input(format!("line {number} {what}"))
                .with_hint("Each line is `read TOKEN`, `append TOKEN` or `admin TOKEN`; # begins a comment.")
        };
        let (word, token) = line.split_once(char::is_whitespace).ok_or_else(|| wrong("has no role and token"))?;
        let role = Role::named(word).ok_or_else(|| wrong("begins with no role"))?;
        let token = token.trim();
        if token.contains(char::is_whitespace) {
            return Err(wrong("has more than a role and a token"));
        }
        if token.len() < SHORTEST {
            return Err(wrong(&format!("has a token of fewer than {SHORTEST} letters")));
        }
        tokens.push(Token { hash: hmac_sha256::Hash::hash(token.as_bytes()), role });
    }
    if tokens.is_empty() {
        return Err(Error::bad_input("there are no tokens in it").with_hint("Nobody could ask anything."));
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        let text = "# who\nread aaaaaaaaaaaaaaaa\n\nappend bbbbbbbbbbbbbbbb\nadmin\tcccccccccccccccc\n";
        Tokens { file: PathBuf::new(), tokens: RwLock::new(parse(text).unwrap()) }
    }

    fn asked(token: &str, needed: Role) -> u16 {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, token.parse().unwrap());
        tokens().check(&headers, needed).err().map_or(200, |problem| problem.status().as_u16())
    }

    #[test]
    fn a_token_is_good_for_its_role_and_those_below() {
        assert_eq!(asked("Bearer aaaaaaaaaaaaaaaa", Role::Read), 200);
        assert_eq!(asked("bearer aaaaaaaaaaaaaaaa", Role::Append), 403);
        assert_eq!(asked("Bearer cccccccccccccccc", Role::Append), 200);
        assert_eq!(asked("Bearer cccccccccccccccd", Role::Read), 401);
        assert_eq!(asked("Basic cccccccccccccccc", Role::Read), 401);
    }

    #[test]
    fn a_wrong_file_is_told_by_its_line_and_not_by_its_tokens() {
        for (text, line) in [("read aaaaaaaaaaaaaaaa\nwrite secretsecretsecret", 2), ("read short", 1), ("secret", 1)] {
            let error = parse(text).err().unwrap().to_string();
            assert!(error.starts_with(&format!("line {line} ")) && !error.contains("secret"), "{error}");
        }
        assert!(parse("# nobody\n").is_err());
    }

    #[test]
    fn what_a_request_takes() {
        assert_eq!(Role::needed(&Method::GET, "/healthz"), None);
        assert_eq!(Role::needed(&Method::GET, "/metrics"), Some(Role::Read));
        assert_eq!(Role::needed(&Method::POST, "/events/"), Some(Role::Append));
        assert_eq!(Role::needed(&Method::PUT, "/snapshots/a/1"), Some(Role::Append));
        assert_eq!(Role::needed(&Method::PUT, "/schemas/a/1"), Some(Role::Admin));
        assert_eq!(Role::needed(&Method::POST, "/archive"), Some(Role::Admin));
        assert_eq!(Role::needed(&Method::DELETE, "/healthz"), Some(Role::Admin));
    }
}
