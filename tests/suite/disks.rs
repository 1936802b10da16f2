//! Disks that are small, that go away, and that give each folder its share: real file systems, where they can be mounted.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

fn runs(program: &str, arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> bool {
    let mut command = Command::new(program);
    for argument in arguments {
        command.arg(argument);
    }
    command.output().is_ok_and(|output| output.status.success())
}

/// A small file system of its own, taken down when it is dropped.
pub struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// `None` where nothing can be mounted.
    pub fn mounted(kilobytes: usize) -> Option<Self> {
        let disk = Self { folder: tempfile::tempdir().unwrap() };
        let size = format!("size={kilobytes}k");
        runs("mount", &[&"-t", &"tmpfs", &"-o", &size, &"tmpfs", &disk.path()]).then_some(disk)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        runs("umount", &[&self.path()]);
    }
}

/// A folder under another name, as a drive is.
pub struct Drive {
    at: TempDir,
}

impl Drive {
    /// `None` where nothing can be mounted.
    pub fn mounted(folder: &Path) -> Option<Self> {
        let drive = Self { at: tempfile::tempdir().unwrap() };
        drive.mount(folder).then_some(drive)
    }

    pub fn path(&self) -> &Path {
        self.at.path()
    }

    pub fn mount(&self, folder: &Path) -> bool {
        runs("mount", &[&"--bind", &folder, &self.path()])
    }

    /// Takes it away, though files of it are open.
    pub fn taken_away(&self) {
        assert!(runs("umount", &[&"-l", &self.path()]));
    }
}

impl Drop for Drive {
    fn drop(&mut self) {
        runs("umount", &[&"-l", &self.path()]);
    }
}

/// A folder that may hold so much and no more, though its disk has room: a subvolume of btrfs with a limit.
pub struct Quota {
    folder: TempDir,
}

impl Quota {
    /// `None` where no such file system can be made and mounted.
    pub fn mounted(bytes: usize) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let (image, disk) = (folder.path().join("image"), folder.path().join("disk"));
        std::fs::create_dir(&disk).unwrap();
        std::fs::File::create(&image).unwrap().set_len(200 << 20).unwrap();
        if !runs("mkfs.btrfs", &[&"-q", &image]) || !runs("mount", &[&"-o", &"loop", &image, &disk]) {
            return None;
        }
        let quota = Self { folder };
        let share = quota.path();
        let limited = runs("btrfs", &[&"quota", &"enable", &disk])
            && runs("btrfs", &[&"subvolume", &"create", &share])
            && runs("btrfs", &[&"qgroup", &"limit", &bytes.to_string(), &share]);
        limited.then_some(quota)
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("disk/share")
    }

    /// Has what was removed counted as removed, which btrfs does in its own time.
    pub fn settle(&self) {
        assert!(runs("btrfs", &[&"filesystem", &"sync", &self.path()]));
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        runs("umount", &[&"-l", &self.folder.path().join("disk")]);
    }
}
