//! Mount namespaces of Linux: with the right to mount directly, else in a user namespace of the same user.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Error, Result, anyhow};
use rustix::mount::{MountPropagationFlags, mount_bind_recursive, mount_change};
use rustix::process::{getegid, geteuid};
use rustix::thread::{UnshareFlags, unshare_unsafe};

use super::Layer;

pub(super) fn become_command(layers: &[Layer], command: &[OsString]) -> Error {
    if let Err(error) = lay(layers) {
        return error;
    }
    let Some((program, args)) = command.split_first() else {
        return anyhow!("there is no command to run");
    };
    let error = Command::new(program).args(args).exec();
    Error::new(error).context(format!("starting {}", program.display()))
}

fn lay(layers: &[Layer]) -> Result<()> {
    let cwd = std::env::current_dir().context("looking for the current folder")?;
    enter()?;
    // Nothing that is mounted here may be seen outside.
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    mount_change("/", private).context("separating the mounts")?;
    for layer in layers {
        mount_bind_recursive(&layer.from, &layer.over).with_context(|| {
            format!(
                "laying {} over {}",
                layer.from.display(),
                layer.over.display()
            )
        })?;
    }
    // The folder that this process is in is still the one below the layers.
    std::env::set_current_dir(&cwd).with_context(|| format!("going to {}", cwd.display()))
}

fn enter() -> Result<()> {
    if unshare(UnshareFlags::NEWNS).is_ok() {
        return Ok(());
    }
    // The numbers are read first: inside they are unknown until they are mapped.
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNS)
        .context("making a user namespace with mounts of its own")?;
    map("setgroups", "deny")?;
    map("uid_map", &format!("{user} {user} 1"))?;
    map("gid_map", &format!("{group} {group} 1"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the kernel takes these files in one write, and no other file may be made beside them"
)]
fn map(name: &str, text: &str) -> Result<()> {
    let path = format!("/proc/self/{name}");
    fs::write(&path, text).with_context(|| format!("writing {path}"))
}

#[expect(
    unsafe_code,
    reason = "the system call is safe unless it unshares open files"
)]
fn unshare(flags: UnshareFlags) -> io::Result<()> {
    // SAFETY: the flags never hold FILES, which alone takes file descriptors away from other threads.
    unsafe { unshare_unsafe(flags) }?;
    Ok(())
}
