/** Words, wherever they stand. */
export const search = {
  title: 'Search',
  subtitle:
    'In nodes, findings, facts, logs of executions and the audit trail: whatever you may see of these.',
  field: 'Words to look for',
  placeholder: 'e.g. sda1 read error',
  kindsLabel: 'What to look in',
  all: 'Everything',
  kinds: { node: 'Nodes', finding: 'Findings', fact: 'Facts', log: 'Logs', audit: 'Audit trail' },
  emptyTitle: 'What are you looking for?',
  emptyText: 'Two letters or more. Every word has to stand there; their order and case do not matter.',
  none: 'Nothing here.',
  noneSince: (when: string) => `Nothing since ${when}.`,
  lookedBackTo: (when: string) => `Looked back to ${when}.`,
  further: 'Look further',
  more: 'Show all',
  resolved: 'Resolved',
  lineOf: (agent: string, node: string, line: string) => `${agent} on ${node}, line ${line}`,
}
