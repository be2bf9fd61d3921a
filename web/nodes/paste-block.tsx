import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { agentsQuery } from '../agents/queries.ts'
import { toSudoers } from '../../contract/sudoers.ts'
import type { AgentManifest } from '../../contract/agent-manifest.ts'
import type { Node } from '../../contract/nodes.ts'
import { useMessages } from '../lib/messages.ts'
import { Checkbox } from '../ui/checkbox.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { isPlainFrom, toPasteText, toUndoText } from './paste-text.ts'

interface PasteBlockProps {
  /** The line for authorized_keys. */
  readonly publicKey: string
  readonly username: string
  readonly elevation: Node['elevation']
  /** Agents that may run there; null for all. */
  readonly allowedAgents?: readonly string[] | null
}

/** One readable block for a root shell on the node: a user, one key, and exactly the sudo rules that are wanted. */
export function PasteBlock({ publicKey, username, elevation, allowedAgents = null }: PasteBlockProps) {
  const t = useMessages('nodes').paste
  const [from, setFrom] = useState('')
  const [isJump, setJump] = useState(false)
  const agents = useQuery(agentsQuery)
  const manifests = (agents.data?.items ?? [])
    .map(({ manifest }) => manifest)
    .filter(({ id }) => allowedAgents === null || allowedAgents.includes(id))
  const sudoers = sudoersFor(elevation, username, manifests)
  const isFromFine = isPlainFrom(from)
  const text = toPasteText({ publicKey, username, from: isFromFine ? from : '', isJump, sudoers })
  const undo = toUndoText(username)
  const reasons = elevation === 'commands' && username !== 'root' ? reasonsOf(manifests) : []
  if (text === null) return <p className="text-muted-foreground">{t.invalidUser}</p>
  return (
    <div className="grid gap-4">
      <div>
        <p className="text-pretty">{t.text}</p>
        <ul className="mt-1.5 list-disc pl-5 text-sm text-muted-foreground">
          {username !== 'root' && <li>{t.makesUser}</li>}
          <li>{t.letsIn}</li>
          {username !== 'root' && sudoers && <li>{t.writesRules}</li>}
        </ul>
      </div>
      <CodeBlock label={t.what} code={text} />
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <Field label={t.from} hint={t.fromHint} {...(isFromFine ? {} : { error: t.fromWrong })}>
          <Input
            mono
            value={from}
            spellCheck={false}
            autoCapitalize="none"
            placeholder="192.168.1.10"
            onChange={(event) => setFrom(event.target.value.trim())}
          />
        </Field>
        <Checkbox
          className="sm:pt-8"
          label={t.isJump}
          checked={isJump}
          onChange={(event) => setJump(event.target.checked)}
        />
      </div>
      {elevation === 'root' && username !== 'root' && <p className="text-sm text-status-wait">{t.root}</p>}
      {reasons.length > 0 && (
        <details>
          <summary className="w-fit text-sm font-medium">{t.sudoWhy}</summary>
          <dl className="mt-2 grid gap-2 text-sm">
            {reasons.map(({ why, argv }) => (
              <div key={argv.join(' ')}>
                <dt className="foreign">{why}</dt>
                <dd className="text-muted-foreground foreign">
                  <code>{argv.join(' ')}</code>
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      {undo && (
        <details>
          <summary className="w-fit text-sm font-medium">{t.undo}</summary>
          <CodeBlock className="mt-2" label={t.undo} code={undo} />
        </details>
      )}
    </div>
  )
}

/** Each command once, though several agents may ask for it. */
const reasonsOf = (manifests: readonly AgentManifest[]): AgentManifest['sudo'] => [
  ...new Map(manifests.flatMap(({ sudo }) => sudo).map((one) => [one.argv.join(' '), one])).values(),
]

function sudoersFor(
  elevation: Node['elevation'],
  username: string,
  manifests: readonly AgentManifest[],
): string {
  if (elevation === 'root') return `${username} ALL=(root) NOPASSWD: ALL\n`
  if (elevation === 'none') return ''
  return manifests
    .map(({ id, sudo }) => toSudoers(id, sudo, username))
    .filter(Boolean)
    .join('\n')
}
