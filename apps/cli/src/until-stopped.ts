/**
 * Resolves when the process is asked to end: by SIGINT, by SIGTERM, or because the `ruff` that started it is gone,
 * however that ended. The listeners stay: a second Ctrl-C must not cut a clean end short.
 */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      // A channel that is listened to keeps the process alive.
      if (process.connected) process.disconnect();
      resolve();
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
    process.once("disconnect", stop);
  });
}
