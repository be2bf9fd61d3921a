/**
 * Undoes something when this process ends before that was done in order, the newest first. `undo` is of one piece, since
 * nothing waits any more. Returns what calls it off.
 */
export function atExit(undo: () => void): () => void {
  const safely = () => {
    try {
      undo()
    } catch {
      // What is left to undo matters more.
    }
  }
  process.prependOnceListener('exit', safely)
  return () => void process.off('exit', safely)
}
