import type { ReactNode } from 'react'
import { type Block, type Inline, parseMarkdown } from './markdown.ts'

/** The manual of an agent. It was written by whoever wrote the agent, so it is text: no HTML, and links lead nowhere. */
export function Readme({ text }: { readonly text: string }) {
  return <div className="max-w-4xl min-w-0 space-y-3 foreign">{drawBlocks(parseMarkdown(text))}</div>
}

const drawBlocks = (blocks: readonly Block[]): ReactNode =>
  blocks.map((block, at) => <BlockView key={at} block={block} />)

function BlockView({ block }: { readonly block: Block }) {
  switch (block.kind) {
    case 'heading': {
      // The page has the h1, the card the h2.
      const Heading = block.level <= 2 ? 'h3' : 'h4'
      const look = block.level <= 2 ? 'pt-3 text-lg font-semibold first:pt-0' : 'pt-2 font-semibold'
      return <Heading className={look}>{drawInline(block.children)}</Heading>
    }
    case 'paragraph':
      return <p className="max-w-prose">{drawInline(block.children)}</p>
    case 'code':
      return (
        <pre
          tabIndex={0}
          className="overflow-x-auto rounded-md border border-border bg-muted px-3 py-2.5 text-sm"
        >
          <code>{block.text}</code>
        </pre>
      )
    case 'list': {
      const items = block.items.map((item, at) => (
        <li key={at} className="space-y-1">
          {drawBlocks(item)}
        </li>
      ))
      return block.ordered ? (
        <ol className="max-w-prose list-decimal space-y-1 ps-6 marker:text-muted-foreground">{items}</ol>
      ) : (
        <ul className="max-w-prose list-disc space-y-1 ps-5 marker:text-muted-foreground">{items}</ul>
      )
    }
    case 'table':
      return (
        <div tabIndex={0} role="group" className="overflow-x-auto rounded-md border border-border">
          <table className="w-full text-start text-sm">
            <thead className="bg-muted">
              <tr>
                {block.head.map((cell, at) => (
                  <th key={at} scope="col" className="px-3 py-2 align-bottom font-medium">
                    {drawInline(cell)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row, place) => (
                <tr key={place} className="border-t border-border">
                  {row.map((cell, at) => (
                    <td key={at} className="min-w-28 px-3 py-2 align-top">
                      {drawInline(cell)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )
    case 'quote':
      return (
        <blockquote className="space-y-2 border-s-2 border-input ps-3 text-muted-foreground">
          {drawBlocks(block.children)}
        </blockquote>
      )
    case 'rule':
      return <hr className="border-border" />
  }
}

const drawInline = (parts: readonly Inline[]): ReactNode =>
  parts.map((part, at) => <InlineView key={at} part={part} />)

function InlineView({ part }: { readonly part: Inline }) {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'code':
      return <code className="rounded-xs bg-muted px-1 py-0.5 text-[0.92em]">{part.text}</code>
    case 'strong':
      return <strong className="font-semibold">{drawInline(part.children)}</strong>
    case 'em':
      return <em>{drawInline(part.children)}</em>
    case 'link':
      return (
        <>
          {drawInline(part.children)}
          {part.host && <span className="text-muted-foreground"> ({part.host})</span>}
        </>
      )
  }
}
