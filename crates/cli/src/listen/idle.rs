//! A connection that nobody waits for on our side is closed after a while.
//!
//! One rule covers all the ways of holding a seat without using it (S47 of the threat table): sending nothing, half a
//! preface or half a request, keeping HTTP/2 open with pings, not reading the answer. What counts is neither bytes in nor
//! bytes out but requests: a connection without one in flight has a limited time to bring the next.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// What a connection does for its peer, told by the service and read by the stream.
#[derive(Clone, Debug)]
pub(super) struct Activity(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    in_flight: usize,
    last: Instant,
}

/// A request in flight, until it is dropped.
#[derive(Debug)]
pub(super) struct InFlight(Activity);

impl Activity {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(State { in_flight: 0, last: Instant::now() })))
    }

    pub(super) fn begin(&self) -> InFlight {
        self.change(usize::saturating_add);
        InFlight(self.clone())
    }

    fn change(&self, count: impl FnOnce(usize, usize) -> usize) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = State { in_flight: count(state.in_flight, 1), last: Instant::now() };
    }

    /// When there was last something to do.
    fn last(&self) -> Instant {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.in_flight > 0 { Instant::now() } else { state.last }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.change(usize::saturating_sub);
    }
}

/// A stream that fails once its connection has been idle for `patience`.
#[derive(Debug)]
pub(super) struct Idle<S> {
    stream: S,
    activity: Activity,
    patience: Duration,
    alarm: Pin<Box<Sleep>>,
}

impl<S> Idle<S> {
    pub(super) fn new(stream: S, activity: Activity, patience: Duration) -> Self {
        Self { stream, activity, patience, alarm: Box::pin(tokio::time::sleep(patience)) }
    }

    /// Fails what would wait when the time is over; otherwise sees to it that the waiting ends in time.
    fn or_end<T>(&mut self, context: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            return outcome;
        }
        while self.alarm.as_mut().poll(context).is_ready() {
            let idle = self.activity.last().elapsed();
            let Some(left) = self.patience.checked_sub(idle).filter(|left| !left.is_zero()) else {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "no request for too long")));
            };
            let again = tokio::time::sleep(left);
            self.alarm.set(again);
        }
        Poll::Pending
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Idle<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_read(context, buffer);
        this.or_end(context, outcome)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Idle<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.or_end(context, outcome)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.or_end(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_flush(context);
        this.or_end(context, outcome)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_shutdown(context);
        this.or_end(context, outcome)
    }
}
