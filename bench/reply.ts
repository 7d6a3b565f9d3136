/** What a subject is asked for, as a line of JSON on its standard input. */
export interface Request {
  /** Whether to watch how late the event loop is while it trains. */
  watchEventLoop?: boolean;
}

/** Milliseconds. */
export interface EventLoopDelay {
  p50: number;
  p99: number;
  max: number;
}

/** What it answers, as a line on its standard output: one round, which trains from the same start. */
export interface Reply {
  /** Of the training alone. */
  seconds: number;
  steps: number;
  /** The loss of some examples before and after, the sum over tasks. */
  initialLoss: number;
  finalLoss: number;
  eventLoopDelay?: EventLoopDelay;
}
