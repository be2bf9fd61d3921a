import { applyRestore } from '../server/backups/restore.ts'

/** Puts a prepared restore in its place and kills itself right after a step: `node restore-child.ts FOLDER STEP`. */
const [folder = '', deadly] = process.argv.slice(2)
applyRestore(folder, (step) => {
  if (step === deadly) process.kill(process.pid, 'SIGKILL')
})
