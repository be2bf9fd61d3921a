import { toMessage } from '../../server/lib/errors.ts'
import { drillImage } from '../../testbed/image-drill.ts'
import type { Part } from './part.ts'

/** The image, really built, and started in every way that people start it. */
export const image: Part = async ({ say }) => {
  try {
    const told = await drillImage()
    return { failed: 0, notDone: told === 'held' ? [] : [`the image: ${told.absent}`] }
  } catch (error) {
    say(toMessage(error))
    return { failed: 1, notDone: [] }
  }
}
