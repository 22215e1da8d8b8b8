//! Supervision on Unix: one poll over both pipes and the child's end, signals to its group; no thread per process on Linux.

use super::flag::cancelled;
use super::invocation::{Bounds, Observed, Stream};
use super::life::{Action, Life};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process_group, waitid, waitpid,
};
use std::io::{self, PipeReader, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

mod inherited;
mod signals;
mod spawn;

pub(super) use signals::install;
pub(super) use spawn::spawn;

/// A full pipe on Linux and macOS.
const CHUNK: usize = 64 * 1024;

/// A started process, which leads a session and a group of its own.
pub(super) struct Child(Pid);

impl Child {
    /// Reap it; call this once, after its end.
    pub(super) fn wait(&self) -> io::Result<ExitStatus> {
        loop {
            match waitpid(Some(self.0), WaitOptions::empty()) {
                Ok(Some((_, status))) => return Ok(ExitStatus::from_raw(status.as_raw())),
                Ok(None) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Watch the child until it has ended and its pipes are closed or given up; its group is gone when this returns, the
/// child itself is left to be reaped.
pub(super) fn supervise(
    child: &Child,
    pipes: [PipeReader; 2],
    bounds: Bounds,
) -> io::Result<Observed> {
    let group = Group(child.0);
    let exit = exit_watch(group.0)?;
    let [stdout, stderr] = pipes;
    let mut taps = [
        Tap::new(stdout, Stream::Stdout, bounds.output_limit),
        Tap::new(stderr, Stream::Stderr, bounds.output_limit),
    ];
    let mut life = Life::new(bounds.deadline);
    while !(life.exited() && taps.iter().all(Tap::is_dry)) {
        if step(&group, &exit, &mut taps, &mut life)? == Action::Finish {
            break;
        }
    }
    drop(group);
    Ok(Observed {
        output: taps.map(|tap| tap.bytes),
        cause: life.cause(),
        leaky: life.leaky(),
        reapable: life.exited(),
    })
}

/// Wait for the next thing to happen and do what it asks for. Pipes are read before the child's end is looked at.
fn step(group: &Group, exit: &OwnedFd, taps: &mut [Tap; 2], life: &mut Life) -> io::Result<Action> {
    let exit_fd = (!life.exited()).then(|| exit.as_fd());
    let ready = wait(
        [taps[0].fd(), taps[1].fd(), exit_fd],
        life.patience(Instant::now()),
    )?;
    let now = Instant::now();
    for (tap, _) in taps.iter_mut().zip(ready).filter(|(_, ready)| *ready) {
        if tap.read()? == Level::Overflow
            && group.obey(life.flooded(tap.stream, now)) == Action::Finish
        {
            return Ok(Action::Finish);
        }
    }
    if ready[2] {
        group.obey(life.child_exited(now));
    }
    if cancelled() {
        group.obey(life.cancelled(now));
    }
    Ok(group.obey(life.tick(now)))
}

/// Sleep until one of the descriptors has something, or the time is over; says which of them have.
fn wait(fds: [Option<BorrowedFd<'_>>; 3], patience: Duration) -> io::Result<[bool; 3]> {
    let mut positions = Vec::with_capacity(3);
    let mut polled = Vec::with_capacity(3);
    for (position, fd) in fds.iter().enumerate() {
        if let Some(fd) = fd {
            positions.push(position);
            polled.push(PollFd::new(fd, PollFlags::IN));
        }
    }
    let timeout = Timespec {
        tv_sec: 0,
        tv_nsec: patience.subsec_nanos().into(),
    };
    match poll(&mut polled, Some(&timeout)) {
        Ok(_) | Err(Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let mut ready = [false; 3];
    for (position, polled) in positions.into_iter().zip(&polled) {
        ready[position] = !polled.revents().is_empty();
    }
    Ok(ready)
}

/// The process group the child leads. It is ended when this is dropped, which has to happen before the child is reaped:
/// until then its number belongs to nobody else.
struct Group(Pid);

impl Group {
    fn obey(&self, action: Action) -> Action {
        match action {
            Action::Terminate => self.signal(Signal::TERM),
            Action::Kill => self.signal(Signal::KILL),
            Action::Wait | Action::Finish => {}
        }
        action
    }

    /// A group of which only the unreaped child is left cannot be signalled on macOS; there is nothing to end then.
    fn signal(&self, signal: Signal) {
        let _nobody_left = kill_process_group(self.0, signal);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// A descriptor that becomes readable when the child has exited, without reaping it.
fn exit_watch(child: Pid) -> io::Result<OwnedFd> {
    #[cfg(target_os = "linux")]
    if let Ok(fd) = rustix::process::pidfd_open(child, rustix::process::PidfdFlags::empty()) {
        return Ok(fd);
    }
    exit_thread(child)
}

/// Where there is no pidfd (macOS, kernels before 5.3), a thread waits and closes a pipe.
fn exit_thread(child: Pid) -> io::Result<OwnedFd> {
    let (reader, writer) = io::pipe()?;
    std::thread::Builder::new()
        .name(format!("wait-{child}"))
        .spawn(move || {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while let Err(Errno::INTR) = waitid(WaitId::Pid(child), options) {}
            drop(writer);
        })?;
    Ok(reader.into())
}

#[derive(PartialEq, Eq)]
enum Level {
    WithinLimit,
    Overflow,
}

/// One output pipe and what came out of it so far. The pipe stays open as long as this: a flooding child has to be ended
/// before it can notice, and complain about, a pipe that nobody reads.
struct Tap {
    stream: Stream,
    pipe: PipeReader,
    dry: bool,
    bytes: Vec<u8>,
    limit: usize,
}

impl Tap {
    fn new(pipe: PipeReader, stream: Stream, limit: u64) -> Tap {
        Tap {
            stream,
            pipe,
            dry: false,
            bytes: Vec::new(),
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
        }
    }

    fn is_dry(&self) -> bool {
        self.dry
    }

    fn fd(&self) -> Option<BorrowedFd<'_>> {
        (!self.dry).then(|| self.pipe.as_fd())
    }

    /// Read what is there, once; called only when something is, so it does not block.
    fn read(&mut self) -> io::Result<Level> {
        let mut chunk = [0; CHUNK];
        let count = match self.pipe.read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                return Ok(Level::WithinLimit);
            }
            read => read?,
        };
        let room = self.limit - self.bytes.len();
        self.bytes.extend_from_slice(&chunk[..count.min(room)]);
        self.dry = count == 0 || count > room;
        Ok(if count > room {
            Level::Overflow
        } else {
            Level::WithinLimit
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn without_a_pidfd_a_thread_notices_the_end_and_leaves_the_reaping() {
        let mut child = Command::new("/bin/sh")
            .args(["-c", "exit 7"])
            .spawn()
            .unwrap();
        let exit = exit_thread(Pid::from_child(&child)).unwrap();
        let ready = loop {
            let ready = wait([None, None, Some(exit.as_fd())], Duration::from_millis(50)).unwrap();
            if ready[2] {
                break ready;
            }
        };
        assert_eq!(ready, [false, false, true]);
        assert_eq!(child.wait().unwrap().code(), Some(7));
    }
}
