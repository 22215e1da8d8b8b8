//! Starts a program in a session of its own, with default signals and nothing open but its three streams; it waits for nothing.

#![expect(
    unsafe_code,
    reason = "the standard library cannot ask for a session without forking this whole process"
)]

use super::{Child, inherited};
use crate::process::invocation::{Invocation, Streams, Umask};
use rustix::process::Pid;
use std::io;

/// Others may read what the owner wrote, and nobody else writes.
const USUAL_UMASK: libc::mode_t = 0o022;

/// Start it. The child has no controlling terminal, and all of its signals are as a fresh login has them: what our caller
/// ignores or blocks must not change what a program does.
pub(in crate::process) fn spawn(
    invocation: &Invocation<'_>,
    streams: &Streams,
    umask: Umask,
) -> io::Result<Child> {
    inherited::keep_from_children();
    let pid = start(invocation, streams, umask)?;
    Pid::from_raw(pid)
        .map(Child)
        .ok_or_else(|| io::Error::other("the started process has no id"))
}

#[cfg(target_os = "linux")]
use linux::start;

#[cfg(target_os = "linux")]
mod linux {
    //! `posix_spawn` does not copy this process's memory; the standard library uses it too, but not for a new session.

    use super::{Invocation, Streams, USUAL_UMASK, Umask, io};
    use std::ffi::{CString, OsStr, c_char, c_int};
    use std::mem::MaybeUninit;
    use std::os::fd::AsRawFd;
    use std::os::unix::ffi::OsStrExt;
    use std::ptr::null_mut;
    use std::sync::{Mutex, OnceLock, PoisonError};

    /// `posix_spawn` has no attribute for the umask, so ours is the usual one for the moment of the start. Only one thread
    /// at a time may do that, or the last one to put it back would put back another thread's.
    fn with_umask<T>(umask: Umask, start: impl FnOnce() -> T) -> T {
        static CHANGING: Mutex<()> = Mutex::new(());
        if umask == Umask::Callers || callers_umask() == USUAL_UMASK {
            return start();
        }
        let _only_one = CHANGING.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: the call takes a number and cannot fail.
        unsafe { libc::umask(USUAL_UMASK) };
        let started = start();
        // SAFETY: as above.
        unsafe { libc::umask(callers_umask()) };
        started
    }

    /// The umask that this process was started with; the system tells it only in exchange for another one.
    fn callers_umask() -> libc::mode_t {
        static CALLERS: OnceLock<libc::mode_t> = OnceLock::new();
        *CALLERS.get_or_init(|| {
            // SAFETY: the calls take numbers and cannot fail.
            unsafe {
                let callers = libc::umask(USUAL_UMASK);
                libc::umask(callers);
                callers
            }
        })
    }

    pub(super) fn start(
        invocation: &Invocation<'_>,
        streams: &Streams,
        umask: Umask,
    ) -> io::Result<c_int> {
        let program = c_string(invocation.program.as_os_str())?;
        let mut argv = vec![program.clone()];
        for argument in invocation.args {
            argv.push(c_string(argument)?);
        }
        let mut envp = Vec::new();
        for (name, value) in invocation.env {
            envp.push(CString::new(
                [name.as_bytes(), b"=", value.as_bytes()].concat(),
            )?);
        }
        let cwd = c_string(invocation.cwd.as_os_str())?;
        let mut actions = Actions::new()?;
        match &streams.stdin {
            Some(file) => actions.duplicate(file, 0)?,
            None => actions.open_null(0)?,
        }
        actions.duplicate(&streams.stdout, 1)?;
        actions.duplicate(&streams.stderr, 2)?;
        actions.enter(&cwd)?;
        let attributes = Attributes::of_a_session()?;
        let mut pid = 0;
        // SAFETY: every pointer is to something that lives until the call returns; both lists end with a null.
        let spawn = || unsafe {
            libc::posix_spawn(
                &raw mut pid,
                program.as_ptr(),
                &raw const *actions.0,
                &raw const *attributes.0,
                pointers(&argv).as_ptr(),
                pointers(&envp).as_ptr(),
            )
        };
        checked(with_umask(umask, spawn))?;
        Ok(pid)
    }

    fn c_string(text: &OsStr) -> io::Result<CString> {
        Ok(CString::new(text.as_bytes())?)
    }

    fn pointers(texts: &[CString]) -> Vec<*mut c_char> {
        let all = texts.iter().map(|text| text.as_ptr().cast_mut());
        all.chain([null_mut()]).collect()
    }

    /// These functions return the error's number.
    fn checked(error: c_int) -> io::Result<()> {
        if error == 0 {
            return Ok(());
        }
        Err(io::Error::from_raw_os_error(error))
    }

    /// What happens in the child before the program starts.
    struct Actions(Box<libc::posix_spawn_file_actions_t>);

    impl Actions {
        fn new() -> io::Result<Actions> {
            let mut actions = Box::new(MaybeUninit::uninit());
            // SAFETY: the call initialises what it is given when it succeeds.
            unsafe {
                checked(libc::posix_spawn_file_actions_init(actions.as_mut_ptr()))?;
                Ok(Actions(actions.assume_init()))
            }
        }

        fn duplicate(&mut self, from: &impl AsRawFd, to: c_int) -> io::Result<()> {
            // SAFETY: the actions are initialised; descriptors are plain numbers.
            checked(unsafe {
                libc::posix_spawn_file_actions_adddup2(&raw mut *self.0, from.as_raw_fd(), to)
            })
        }

        fn open_null(&mut self, to: c_int) -> io::Result<()> {
            // SAFETY: the actions are initialised; the path is copied.
            checked(unsafe {
                libc::posix_spawn_file_actions_addopen(
                    &raw mut *self.0,
                    to,
                    c"/dev/null".as_ptr(),
                    libc::O_RDONLY,
                    0,
                )
            })
        }

        fn enter(&mut self, folder: &CString) -> io::Result<()> {
            // SAFETY: the actions are initialised; the path is copied.
            checked(unsafe {
                libc::posix_spawn_file_actions_addchdir_np(&raw mut *self.0, folder.as_ptr())
            })
        }
    }

    impl Drop for Actions {
        fn drop(&mut self) {
            // SAFETY: initialised, and not used after this.
            unsafe { libc::posix_spawn_file_actions_destroy(&raw mut *self.0) };
        }
    }

    /// How the child differs from its parent.
    struct Attributes(Box<libc::posix_spawnattr_t>);

    impl Attributes {
        fn of_a_session() -> io::Result<Attributes> {
            const FLAGS: c_int = libc::POSIX_SPAWN_SETSIGDEF
                | libc::POSIX_SPAWN_SETSIGMASK
                | libc::POSIX_SPAWN_SETSID as c_int;
            let mut attributes = Box::new(MaybeUninit::uninit());
            let mut signals = MaybeUninit::uninit();
            // SAFETY: each call initialises what it is given before the next reads it.
            unsafe {
                checked(libc::posix_spawnattr_init(attributes.as_mut_ptr()))?;
                let mut attributes = Attributes(attributes.assume_init());
                let raw = &raw mut *attributes.0;
                checked(libc::posix_spawnattr_setflags(raw, FLAGS as _))?;
                libc::sigemptyset(signals.as_mut_ptr());
                checked(libc::posix_spawnattr_setsigmask(raw, signals.as_ptr()))?;
                libc::sigfillset(signals.as_mut_ptr());
                checked(libc::posix_spawnattr_setsigdefault(raw, signals.as_ptr()))?;
                Ok(attributes)
            }
        }
    }

    impl Drop for Attributes {
        fn drop(&mut self) {
            // SAFETY: initialised, and not used after this.
            unsafe { libc::posix_spawnattr_destroy(&raw mut *self.0) };
        }
    }
}

/// Elsewhere a fork, and the session before the exec: macOS has the attribute for `posix_spawn`, other systems have not.
#[cfg(not(target_os = "linux"))]
fn start(invocation: &Invocation<'_>, streams: &Streams, umask: Umask) -> io::Result<i32> {
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};
    let mut command = Command::new(invocation.program);
    command
        .args(invocation.args)
        .env_clear()
        .envs(invocation.env)
        .current_dir(invocation.cwd)
        .stdin(match &streams.stdin {
            Some(file) => Stdio::from(file.try_clone()?),
            None => Stdio::null(),
        })
        .stdout(streams.stdout.try_clone()?)
        .stderr(streams.stderr.try_clone()?);
    // SAFETY: only calls that may be made between fork and exec: they take numbers and allocate nothing.
    unsafe {
        command.pre_exec(move || {
            for signal in 1..32 {
                libc::signal(signal, libc::SIG_DFL);
            }
            rustix::process::setsid()?;
            if umask == Umask::Usual {
                libc::umask(USUAL_UMASK);
            }
            Ok(())
        });
    }
    let pid = command.spawn()?.id();
    i32::try_from(pid).map_err(io::Error::other)
}
