import type { ErrorCatalogue } from './meaning.ts'

/** What the server sends by itself. */
export const outgoingErrors = {
  'outgoing.url_not_allowed': {
    status: 422,
    title: 'This address is not one that the server sends requests to',
    fix: 'Use an address like https://host/path, with a port that web servers have and no password in it.',
  },
  'outgoing.address_not_allowed': {
    status: 403,
    title: 'The address leads to the server itself or to no ordinary place',
    fix: 'If that is what you want, allow this very host under Settings → What we talk to.',
  },
  'outgoing.home_not_allowed': {
    status: 403,
    title: 'The address is in a network of yours, and it was a node that named it',
    fix: 'If you know this host, allow it under Settings → What we talk to.',
  },
  'outgoing.host_not_listed': {
    status: 403,
    title: 'The server may only talk to hosts that are allowed by name',
    fix: 'Allow this host under Settings → What we talk to.',
  },
  'outgoing.name_not_found': {
    status: 502,
    title: 'The name was not found',
    fix: 'Check the spelling, and the DNS of the server.',
  },
  'outgoing.no_answer': {
    status: 502,
    title: 'The other side did not answer as it should',
    fix: 'Check that it runs, its address and port, and the network between.',
  },
  'outgoing.not_trusted': {
    status: 502,
    title: 'The certificate of the other side is not trusted',
    fix: 'Renew it, or start the server with NODE_EXTRA_CA_CERTS set to a file with the certificate of your own authority.',
  },
  'outgoing.too_slow': {
    status: 504,
    title: 'The other side took too long',
    fix: 'Check that it runs and is not overloaded, then try again.',
  },
  'outgoing.answer_too_large': {
    status: 502,
    title: 'The other side sent more than is taken',
    fix: 'Check that the address is the right one.',
  },
} as const satisfies ErrorCatalogue
