/** What every id of a sample holds behind its time. Fifty bits: none comes about by chance. */
const mark = 'samp1edata'
const sampleId = new RegExp(`^[a-z]{3}_[0-9a-z]{10}${mark}[0-9a-z]{6}$`)

/** The ids of samples as SQL's `like` finds them. */
export const sampleLike = `${'_'.repeat(14)}${mark}${'_'.repeat(6)}`

/** The end of the id of a sample, by its number. */
export const sampleTail = (number: number): string => `${mark}${String(number).padStart(6, '0')}`

/** Whether an id is that of something made up, put in to look around: it is shown, and nothing is done with it. */
export const isSampleId = (id: string): boolean => sampleId.test(id)
