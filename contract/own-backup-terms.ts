/** How many backups of the server stay of each kind of time: the newest of so many days, weeks and months. */
export const keptBackups = { days: 7, weeks: 4, months: 6 } as const

/** Bytes of a backup that travel at a time: in base64 less than the megabyte that proxies let through. */
export const restorePartBytes = 524_288
