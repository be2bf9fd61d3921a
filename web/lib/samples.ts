import { api } from './api.ts'
import { query } from './query.ts'

/** Whether there is sample data; hints about nodes make it old. */
export const samplesQuery = query(['nodes', 'samples'], api.samples.get, {})
