import type { SettingsOf } from '../../contract/notifications.ts'
import { toPlain } from './plain.ts'
import type { Publication } from '../outgoing/broker.ts'

/** What Home Assistant shows of a node. */
export interface NodeState {
  readonly id: string
  readonly name: string
  readonly health: string
  readonly openFindings: number
  readonly worst: string | null
  readonly lastRunAt: string | null
  readonly lastSeenAt: string | null
  /** Of the fullest disk, per cent; null while nothing measured it. */
  readonly diskUsedPct: number | null
  /** What models cost for it this month, US dollars. */
  readonly costMonthUsd: number
}

/** What it shows of the server. */
export interface ServerState {
  readonly version: string
  readonly costTodayUsd: number
  readonly costMonthUsd: number
  readonly approvalsPending: number
  readonly findingsOpen: number
}

interface Sensor {
  readonly key: string
  readonly name: string
  readonly more?: Readonly<Record<string, unknown>>
}

/** A value is unknown again when nothing was heard for so long, seconds. */
const expireAfterS = 3_600

const nodeSensors: readonly Sensor[] = [
  { key: 'health', name: 'Health', more: { icon: 'mdi:heart-pulse' } },
  {
    key: 'openFindings',
    name: 'Open findings',
    more: { state_class: 'measurement', icon: 'mdi:alert-outline' },
  },
  { key: 'worst', name: 'Worst finding', more: { icon: 'mdi:alert' } },
  { key: 'lastRunAt', name: 'Last run', more: { device_class: 'timestamp' } },
  {
    key: 'diskUsedPct',
    name: 'Fullest disk',
    more: { unit_of_measurement: '%', state_class: 'measurement', icon: 'mdi:harddisk' },
  },
  {
    key: 'costMonthUsd',
    name: 'Cost this month',
    more: { unit_of_measurement: 'USD', device_class: 'monetary' },
  },
]

const serverSensors: readonly Sensor[] = [
  { key: 'costTodayUsd', name: 'Cost today', more: { unit_of_measurement: 'USD', device_class: 'monetary' } },
  {
    key: 'costMonthUsd',
    name: 'Cost this month',
    more: { unit_of_measurement: 'USD', device_class: 'monetary' },
  },
  { key: 'approvalsPending', name: 'Waiting for approval', more: { state_class: 'measurement' } },
  { key: 'findingsOpen', name: 'Open findings', more: { state_class: 'measurement' } },
]

/**
 * The devices and their values as Home Assistant finds them by itself: one for the server, one for each node. Ids make
 * the topics; a name is only ever a value. Nothing listens here: from a broker nobody starts anything.
 */
export function toHomeAssistant(
  { topic, discovery, discoveryPrefix }: SettingsOf<'mqtt'>,
  nodes: readonly NodeState[],
  server: ServerState,
  gone: readonly string[] = [],
): Publication[] {
  const serverTopic = `${topic}/server`
  const kept = (to: string, payload: object): Publication => ({
    topic: to,
    payload: JSON.stringify(payload),
    retain: true,
  })
  const describe = (id: string, device: object, stateTopic: string, sensors: readonly Sensor[]) =>
    discovery
      ? sensors.map(({ key, name, more }) =>
          kept(`${discoveryPrefix}/sensor/${id}/${key}/config`, {
            unique_id: `${id}_${key}`,
            object_id: `${id}_${key}`,
            name,
            state_topic: stateTopic,
            // A fixed expression: what it yields is a value, never a template.
            value_template: `{{ value_json.${key} }}`,
            expire_after: expireAfterS,
            device,
            ...more,
          }),
        )
      : []
  const serverDevice = {
    identifiers: [`${topic}_server`],
    name: 'Carl',
    manufacturer: 'Claude Agent Runner Lite',
    sw_version: server.version,
  }
  return [
    ...describe(`${topic}_server`, serverDevice, serverTopic, serverSensors),
    kept(serverTopic, server),
    ...nodes.flatMap((node) => {
      const id = `${topic}_${node.id}`
      const device = { identifiers: [id], name: toPlain(node.name, 100), via_device: `${topic}_server` }
      const stateTopic = `${topic}/node/${node.id}`
      const { id: _, name, ...values } = node
      return [
        ...describe(id, device, stateTopic, nodeSensors),
        kept(stateTopic, { ...values, name: toPlain(name, 100) }),
      ]
    }),
    // An empty payload takes a device away.
    ...gone.flatMap((nodeId) => [
      ...nodeSensors.map(({ key }) => ({
        topic: `${discoveryPrefix}/sensor/${topic}_${nodeId}/${key}/config`,
        payload: '',
        retain: true,
      })),
      { topic: `${topic}/node/${nodeId}`, payload: '', retain: true },
    ]),
  ]
}
