//! Supervision on Windows: a reading thread per pipe, a waiting thread, and a job object that ends the whole tree at once.

use super::flag::cancelled;
use super::invocation::{Bounds, Invocation, Observed, Stream, Streams, Umask};
use super::life::{Action, Life};
use std::ffi::c_void;
use std::io::{self, PipeReader, Read};
use std::mem::size_of;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::os::windows::process::CommandExt;
use std::process::ExitStatus;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation,
    SetInformationJobObject, TerminateJobObject,
};
use windows_sys::Win32::System::Threading::{
    CREATE_NEW_PROCESS_GROUP, OpenProcess, PROCESS_SET_QUOTA, PROCESS_TERMINATE,
};

const CHUNK: usize = 64 * 1024;
/// The exit code of a process the job ended; nobody sees it.
const ENDED: u32 = 1;

/// A started process.
pub(super) struct Child(Arc<duct::Handle>);

impl Child {
    /// Its exit status, after its end.
    pub(super) fn wait(&self) -> io::Result<ExitStatus> {
        Ok(self.0.wait()?.status)
    }
}

/// Start it. The console's Ctrl-C is kept away from the child; its tree is ended through the job object. There is no umask.
pub(super) fn spawn(
    invocation: &Invocation<'_>,
    streams: &Streams,
    _umask: Umask,
) -> io::Result<Child> {
    let mut expression = duct::cmd(invocation.program, invocation.args)
        .dir(invocation.cwd)
        .full_env(invocation.env)
        .stdout_file(streams.stdout.try_clone()?)
        .stderr_file(streams.stderr.try_clone()?)
        .unchecked()
        .before_spawn(|command| {
            command.creation_flags(CREATE_NEW_PROCESS_GROUP);
            Ok(())
        });
    expression = match &streams.stdin {
        Some(file) => expression.stdin_file(file.try_clone()?),
        None => expression.stdin_null(),
    };
    Ok(Child(Arc::new(expression.start()?)))
}

/// Ignored signals do not exist here.
pub(super) fn install<T>(handler: impl FnOnce() -> T) -> T {
    handler()
}

/// Watch the child until it has ended and its pipes are closed or given up; what is left of its tree is gone when this
/// returns. A grandchild started before the job object held the child is not part of it.
pub(super) fn supervise(
    child: &Child,
    pipes: [PipeReader; 2],
    bounds: Bounds,
) -> io::Result<Observed> {
    let handle = &child.0;
    let job = Job::around(handle).inspect_err(|_| {
        let _already_gone = handle.kill();
    })?;
    let (sender, events) = channel();
    let limit = usize::try_from(bounds.output_limit).unwrap_or(usize::MAX);
    let [stdout, stderr] = pipes;
    let buffers = [
        tap(stdout, Stream::Stdout, limit, &sender)?,
        tap(stderr, Stream::Stderr, limit, &sender)?,
    ];
    wait_for_exit(handle, sender)?;
    let mut life = Life::new(bounds.deadline);
    let mut open = 2;
    while !(life.exited() && open == 0) {
        if step(&job, &events, &mut life, &mut open) == Action::Finish {
            break;
        }
    }
    drop(job);
    Ok(Observed {
        output: buffers.map(|buffer| std::mem::take(&mut *locked(&buffer))),
        cause: life.cause(),
        leaky: life.leaky(),
        reapable: life.exited(),
    })
}

enum Event {
    Closed,
    /// With the pipe, which has to stay open until the child is ended: it would notice, and complain.
    Overflow(Stream, PipeReader),
    Exited,
}

/// Wait for the next thing to happen and do what it asks for.
fn step(job: &Job, events: &Receiver<Event>, life: &mut Life, open: &mut usize) -> Action {
    let event = events.recv_timeout(life.patience(Instant::now()));
    let now = Instant::now();
    match event {
        Ok(Event::Closed) => *open -= 1,
        Ok(Event::Overflow(stream, _still_open)) => {
            *open -= 1;
            if job.obey(life.flooded(stream, now)) == Action::Finish {
                return Action::Finish;
            }
        }
        Ok(Event::Exited) => {
            job.obey(life.child_exited(now));
        }
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
    }
    if cancelled() {
        job.obey(life.cancelled(now));
    }
    job.obey(life.tick(now))
}

type Buffer = Arc<Mutex<Vec<u8>>>;

fn locked(buffer: &Buffer) -> MutexGuard<'_, Vec<u8>> {
    buffer.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Read a pipe in a thread of its own. The thread is not joined: it lives as long as anybody holds the pipe.
fn tap(
    mut pipe: PipeReader,
    stream: Stream,
    limit: usize,
    events: &Sender<Event>,
) -> io::Result<Buffer> {
    let buffer = Buffer::default();
    let filled = Arc::clone(&buffer);
    let events = events.clone();
    std::thread::Builder::new().spawn(move || {
        let mut chunk = vec![0; CHUNK];
        let mut room = limit;
        let last = loop {
            match pipe.read(&mut chunk) {
                Ok(0) => break Event::Closed,
                Ok(count) => {
                    locked(&filled).extend_from_slice(&chunk[..count.min(room)]);
                    if count > room {
                        break Event::Overflow(stream, pipe);
                    }
                    room -= count;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break Event::Closed,
            }
        };
        // Nobody listens once the run was given up.
        let _gone = events.send(last);
    })?;
    Ok(buffer)
}

fn wait_for_exit(handle: &Arc<duct::Handle>, events: Sender<Event>) -> io::Result<()> {
    let handle = Arc::clone(handle);
    std::thread::Builder::new().spawn(move || {
        let _status_is_read_by_the_caller = handle.wait();
        let _gone = events.send(Event::Exited);
    })?;
    Ok(())
}

/// The job object that holds the child and everything it starts; all of it is ended when this is dropped.
struct Job(OwnedHandle);

impl Job {
    #[expect(
        unsafe_code,
        reason = "job objects exist only as system calls; each handle is owned at once"
    )]
    fn around(child: &duct::Handle) -> io::Result<Job> {
        let pid = child.pids().first().copied().unwrap_or_default();
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
        // SAFETY: no pointer but the one to `limits` is passed, with its size; it outlives the call. Both handles are
        // checked before they are owned, and owned only here.
        unsafe {
            let job = owned(CreateJobObjectW(std::ptr::null(), std::ptr::null()))?;
            let size = size_of::<JOBOBJECT_EXTENDED_LIMIT_INFORMATION>() as u32;
            checked(SetInformationJobObject(
                job.as_raw_handle(),
                JobObjectExtendedLimitInformation,
                (&raw const limits).cast::<c_void>(),
                size,
            ))?;
            match owned(OpenProcess(PROCESS_SET_QUOTA | PROCESS_TERMINATE, 0, pid)) {
                Ok(process) => checked(AssignProcessToJobObject(
                    job.as_raw_handle(),
                    process.as_raw_handle(),
                ))
                // A child that is over before it could be assigned needs no job.
                .or_else(|error| child.try_wait().and_then(|end| end.map(drop).ok_or(error)))?,
                Err(error) => child.try_wait()?.map(drop).ok_or(error)?,
            }
            Ok(Job(job))
        }
    }

    fn obey(&self, action: Action) -> Action {
        if matches!(action, Action::Terminate | Action::Kill) {
            self.end();
        }
        action
    }

    #[expect(unsafe_code, reason = "job objects exist only as system calls")]
    fn end(&self) {
        // SAFETY: the handle is owned by `self` and open.
        let _nobody_left = unsafe { TerminateJobObject(self.0.as_raw_handle(), ENDED) };
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.end();
    }
}

fn checked(success: i32) -> io::Result<()> {
    if success == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Own a handle a system call has just returned, unless it is the null that reports an error.
#[expect(unsafe_code, reason = "handles of system calls come raw")]
unsafe fn owned(handle: *mut c_void) -> io::Result<OwnedHandle> {
    if handle.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the caller passes a handle that nobody else owns; null was excluded.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}
