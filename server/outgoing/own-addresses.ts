import { existsSync, readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'

/** The addresses this machine has, and in a container the one of the machine around it. */
export function ownAddresses(): string[] {
  const interfaces = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  return [...interfaces.map(({ address }) => address), ...gatewaysOfContainer()]
}

function gatewaysOfContainer(): string[] {
  if (!existsSync('/.dockerenv') && !existsSync('/run/.containerenv')) return []
  try {
    return gatewaysIn(readFileSync('/proc/net/route', 'utf8'))
  } catch {
    return []
  }
}

/** The gateways of default routes in the words of the kernel: hexadecimal, lowest byte first. */
export function gatewaysIn(routes: string): string[] {
  return routes.split('\n').flatMap((line) => {
    const [, destination, gateway] = line.split(/\s+/)
    if (destination !== '00000000' || !/^[0-9A-F]{8}$/i.test(gateway ?? '')) return []
    const bytes = gateway?.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? []
    return bytes.some((byte) => byte > 0) ? [bytes.toReversed().join('.')] : []
  })
}
