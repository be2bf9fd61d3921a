import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Nobody accepts, and the only place in the queue is taken: the kernel lets every further knock go by. */
const program = `
import socket, sys
door = socket.socket()
door.bind(("127.0.0.1", 0))
door.listen(0)
first = socket.create_connection(door.getsockname())
print(door.getsockname()[1], flush=True)
sys.stdin.read()
`

/** A port of this machine where nothing answers, not even with a refusal: as an address that no machine has. */
export async function openDeafPort() {
  const child = spawn('python3', ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    port: Number(port.toString()),
    close: async (): Promise<void> => {
      child.stdin.end()
      await ended
    },
  }
}
