//! A PostgreSQL server of the tests' own: a cluster in a temporary folder, on a free port of loopback.
//!
//! One is shared by all tests, with a database for each of them; what stops or restarts a server starts its own. A server
//! ends with the process of the tests, however that ends: a shell waits for the end of a pipe, and stops it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use tempfile::TempDir;

/// The role that owns everything.
pub const OWNER: &str = "owner";
/// Its password.
pub const PASSWORD: &str = "of the owner";

/// A cluster whose server may run.
pub struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    /// Whom the server runs as: PostgreSQL refuses to run as root.
    user: Option<(u32, u32)>,
    pub port: u16,
    /// Whether connections may be encrypted, with the certificate `root.crt` in the folder.
    pub tls: bool,
    running: Option<(Child, ChildStdin)>,
    shared: bool,
}

/// A database of one test.
pub struct Database {
    pub name: String,
    pub port: u16,
}

/// A new database on the server that all tests share; `None`, said, where there is no PostgreSQL.
pub fn database(test: &str) -> Option<Database> {
    static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Some(cluster) = SHARED.get_or_init(|| Cluster::start("", true)) else {
        println!("left out, for want of PostgreSQL: {test}");
        return None;
    };
    let name = format!("{test}_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    Some(cluster.database(&name))
}

/// A server of one's own, with further lines of configuration; `None`, said, where there is no PostgreSQL.
pub fn cluster(test: &str, configuration: &str) -> Option<Cluster> {
    let cluster = Cluster::start(configuration, false);
    if cluster.is_none() {
        println!("left out, for want of PostgreSQL: {test}");
    }
    cluster
}

impl Cluster {
    fn start(configuration: &str, shared: bool) -> Option<Self> {
        let programs = programs()?;
        let folder = tempfile::tempdir().unwrap();
        let user = unprivileged();
        if let Some((user, group)) = user {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let mut cluster = Self { folder, programs, user, port: 0, tls: false, running: None, shared };
        cluster.make();
        cluster.tls = cluster.certify();
        let tls = if cluster.tls {
            "ssl = on\nssl_cert_file = '../server.crt'\nssl_key_file = '../server.key'\n"
        } else {
            ""
        };
        cluster.configure(&format!("{tls}{configuration}\n"));
        cluster.run();
        Some(cluster)
    }

    fn make(&self) {
        let password = self.folder.path().join("password");
        fs::write(&password, PASSWORD).unwrap();
        // The one that reads it is another user.
        fs::set_permissions(&password, fs::Permissions::from_mode(0o644)).unwrap();
        let made = self
            .program("initdb")
            .args(["--username", OWNER, "--encoding", "UTF8", "--locale", "C.UTF-8", "--auth-local", "trust"])
            .args(["--auth-host", "scram-sha-256", "--no-sync", "--pwfile"])
            .arg(&password)
            .arg("--pgdata")
            .arg(self.data())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    /// Adds lines to the configuration, which hold once the server starts anew.
    pub fn configure(&self, lines: &str) {
        let own = "fsync = off\nmax_connections = 200\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n";
        let mut file = fs::OpenOptions::new().append(true).open(self.data().join("postgresql.conf")).unwrap();
        file.write_all(format!("{own}{lines}").as_bytes()).unwrap();
    }

    /// A certificate for the server, signed by an authority of its own; false where there is no openssl.
    fn certify(&self) -> bool {
        let script = "set -e
            openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=root -keyout root.key -out root.crt
            openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr
            printf 'subjectAltName=DNS:localhost\\n' >extensions
            openssl x509 -req -in server.csr -CA root.crt -CAkey root.key -CAcreateserial -days 30 -extfile extensions -out server.crt
            chmod 600 server.key";
        let mut command = Command::new("sh");
        command.args(["-c", script]).current_dir(self.folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        self.as_user(&mut command).status().is_ok_and(|status| status.success())
    }

    /// Starts the server on a free port, on the one that it had where it ran before, and waits until it answers.
    pub fn run(&mut self) {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            if self.port == 0 || self.running.is_none() && !is_free(self.port) {
                self.port = free_port();
            }
            // What runs in the background of a shell has no standard input unless it is given one.
            let script = "exec 3<&0; \"$@\" >>\"$LOG\" 2>&1 3<&- & server=$!
                (cat <&3 >/dev/null; kill -INT $server 2>/dev/null) & wait $server
                [ -z \"$REMOVED\" ] || rm -rf \"$REMOVED\"";
            let mut command = Command::new("sh");
            command.args(["-c", script, "sh"]).arg(self.programs.join("postgres")).arg("-D").arg(self.data());
            command.arg("-p").arg(self.port.to_string()).env("LOG", self.folder.path().join("log"));
            // Nothing else removes the folder of a server that goes with the process.
            command.env("REMOVED", if self.shared { self.folder.path().as_os_str() } else { "".as_ref() });
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = self.as_user(&mut command).spawn().unwrap();
            let pipe = child.stdin.take().unwrap();
            self.running = Some((child, pipe));
            while Instant::now() < deadline {
                if self.try_connect("postgres").is_ok() {
                    return;
                }
                // Somebody else took the port meanwhile.
                if self.running.as_mut().unwrap().0.try_wait().unwrap().is_some() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            assert!(Instant::now() < deadline, "the server does not start: {}", self.log());
            self.running = None;
            self.port = 0;
        }
    }

    /// Stops the server, and cuts every connection.
    pub fn stop(&mut self) {
        if let Some((mut child, pipe)) = self.running.take() {
            drop(pipe);
            child.wait().unwrap();
        }
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        let mut text = String::new();
        if let Ok(mut file) = fs::File::open(self.folder.path().join("log")) {
            file.read_to_string(&mut text).ok();
        }
        text
    }

    /// The certificate of the authority that signed the server's.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("root.crt")
    }

    /// A copy of this server that follows it and can only be read.
    pub fn standby(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if let Some((user, group)) = self.user {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let copied = self
            .program("pg_basebackup")
            .env("PGPASSWORD", PASSWORD)
            .args([
                "-h",
                "127.0.0.1",
                "-U",
                OWNER,
                "-R",
                "-X",
                "stream",
                "-c",
                "fast",
                "-p",
                &self.port.to_string(),
                "-D",
            ])
            .arg(folder.path().join("data"))
            .output()
            .unwrap();
        assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
        for name in ["server.crt", "server.key"].iter().filter(|_| self.tls) {
            let to = folder.path().join(name);
            fs::copy(self.folder.path().join(name), &to).unwrap();
            if let Some((user, group)) = self.user {
                chown(&to, Some(user), Some(group)).unwrap();
            }
        }
        let (programs, user) = (self.programs.clone(), self.user);
        let mut standby = Self { folder, programs, user, port: 0, tls: self.tls, running: None, shared: false };
        standby.run();
        standby
    }

    /// Makes a database.
    pub fn database(&self, name: &str) -> Database {
        self.try_connect("postgres").unwrap().batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        Database { name: name.to_owned(), port: self.port }
    }

    fn try_connect(&self, database: &str) -> Result<Client, postgres::Error> {
        Database { name: database.to_owned(), port: self.port }.try_connect()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        self.as_user(&mut command);
        command
    }

    fn as_user<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        match self.user {
            Some((user, group)) => command.uid(user).gid(group).current_dir(self.folder.path()),
            None => command.current_dir(self.folder.path()),
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Database {
    /// Where it is, with the owner's password.
    pub fn url(&self) -> String {
        format!("postgres://{OWNER}:{}@127.0.0.1:{}/{}", PASSWORD.replace(' ', "%20"), self.port, self.name)
    }

    /// A connection as the owner.
    pub fn connect(&self) -> Client {
        self.try_connect().unwrap()
    }

    fn try_connect(&self) -> Result<Client, postgres::Error> {
        let mut config = postgres::Config::new();
        config.host("127.0.0.1").port(self.port).user(OWNER).password(PASSWORD).dbname(&self.name);
        config.connect_timeout(Duration::from_secs(5)).connect(NoTls)
    }

    /// Runs statements as the owner.
    pub fn run(&self, sql: &str) {
        self.connect().batch_execute(sql).unwrap();
    }
}

/// The folder of the server's programs: that of the newest version in Debian's place, or that of the path.
fn programs() -> Option<PathBuf> {
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest =
        debian.map(|entry| entry.path()).filter(|path| version(path).is_some()).max_by_key(|path| version(path));
    let debian = newest.map(|path| path.join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = debian.into_iter().chain(std::env::split_paths(&path));
    folders.find(|folder| ["postgres", "initdb"].iter().all(|name| folder.join(name).is_file()))
}

/// Another user to run as, where this one is root.
fn unprivileged() -> Option<(u32, u32)> {
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let find = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2).map(|field| field.parse().ok());
        Some((numbers.next()??, numbers.next()??))
    };
    is_root.then(|| find("postgres").or_else(|| find("nobody")).expect("root needs another user to run PostgreSQL as"))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}
