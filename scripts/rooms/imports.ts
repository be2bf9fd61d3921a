import { parseSync, Visitor } from 'rolldown/utils'

/** One import of a file, types and re-exports included. */
export interface Import {
  readonly from: string
  readonly line: number
  /** What of it, where that is listed; null for all of it. */
  readonly names: readonly string[] | null
}

interface Contents {
  readonly imports: readonly Import[]
  /** Lines that ask a child process for a shell. */
  readonly shells: readonly number[]
}

/** Reads what a TypeScript or JavaScript file imports, in whichever way. Throws when it is not valid. */
export function readContents(path: string, source: string): Contents {
  const { program, module, errors } = parseSync(path, source)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`)
  const imports: Import[] = []
  const shells: number[] = []
  const lineAt = (offset: number) => source.slice(0, offset).split('\n').length
  const add = (from: string, at: number, names: readonly string[] | null = null) =>
    imports.push({ from, line: lineAt(at), names })

  for (const { moduleRequest, start, entries } of module.staticImports) {
    const names = entries.map(({ importName }) => (importName.kind === 'Name' ? importName.name : null))
    add(moduleRequest.value, start, names.every((name) => name !== null && name !== undefined) ? names : null)
  }
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, start } of entries) if (moduleRequest) add(moduleRequest.value, start)
  }
  new Visitor({
    ImportExpression: ({ source, start }) => addLiteral(source, start),
    TSImportType: ({ source, start }) => addLiteral(source, start),
    CallExpression: ({ callee, arguments: given, start }) => {
      if (callee.type === 'Identifier' && callee.name === 'require') addLiteral(given[0], start)
    },
    Property: ({ key, value, start }) => {
      const name = key.type === 'Identifier' ? key.name : key.type === 'Literal' ? key.value : undefined
      if (name !== 'shell' || value.type !== 'Literal') return
      if (value.value === true || (typeof value.value === 'string' && value.value.startsWith('/'))) {
        shells.push(lineAt(start))
      }
    },
  }).visit(program)
  return { imports, shells }

  function addLiteral(node: { type: string; value?: unknown } | undefined, at: number): void {
    if (node?.type === 'Literal' && typeof node.value === 'string') add(node.value, at)
  }
}
