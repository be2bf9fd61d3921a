import { create } from 'zustand'

/** How the dashboard hears of changes: live over the socket, on its way there, or not at all. */
export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'offline'

interface Connection {
  readonly state: ConnectionState
  /** Since when, milliseconds since 1970. */
  readonly since: number
}

export const useConnection = create<Connection>(() => ({ state: 'connecting', since: Date.now() }))

export function setConnection(state: ConnectionState): void {
  if (useConnection.getState().state !== state) useConnection.setState({ state, since: Date.now() })
}

/** Whether the server is out of reach: what is on the screen may be old, and nothing can be changed. */
export const isOffline = ({ state }: Connection = useConnection.getState()): boolean => state === 'offline'

/** Without the socket, what is on the screen is asked for this often, milliseconds. */
export const pollMs = 5_000
