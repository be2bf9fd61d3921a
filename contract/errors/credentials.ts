import type { ErrorCatalogue } from './meaning.ts'

/** What opens a node. */
export const credentialErrors = {
  'credential.not_found': {
    status: 404,
    title: 'There is no such credential',
    fix: 'Reload the list of credentials.',
  },
  'credential.in_use': {
    status: 409,
    title: 'Nodes still use this credential',
    fix: 'Give those nodes another credential first.',
  },
  'credential.name_taken': {
    status: 409,
    title: 'Another credential has this name',
    fix: 'Choose another name.',
  },
  'credential.missing': {
    status: 422,
    title: 'This node has no credential',
    fix: 'Choose a credential for the node, or create one.',
  },
  'credential.quarantined': {
    status: 409,
    title: 'This node refused the credential, so it is not tried again by itself',
    fix: 'Correct the credential, or press Test to try once more.',
  },
} as const satisfies ErrorCatalogue
