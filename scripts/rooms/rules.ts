import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { builtinOwners, compositionRoot, floors, harmless, owners, webFloors } from './floors.ts'

/** What the packages of the manifest are for. */
export interface Packages {
  /** `dependencies`: what the server has at run time. */
  readonly runtime: ReadonlySet<string>
  /** `devDependencies`: bundled or only for development. */
  readonly development: ReadonlySet<string>
}

const builtins = new Set(builtinModules)

/** Says why `file` may not import `from`, or null when it may. Paths are relative to the repository, with slashes. */
export function judgeImport(
  file: string,
  from: string,
  packages: Packages,
  names: readonly string[] | null = null,
): string | null {
  if (from.startsWith('.')) return judgeFile(file, posix.join(posix.dirname(file), from))
  if (from.startsWith('virtual:')) {
    return roomOf(file) === 'web' ? null : 'only the build of the dashboard knows virtual modules'
  }
  const isBuiltin = from.startsWith('node:') || builtins.has(from.split('/')[0] as string)
  return isBuiltin ? judgeBuiltin(file, from, names) : judgePackage(file, packageOf(from), packages)
}

function judgeFile(file: string, target: string): string | null {
  const [here, there] = [roomOf(file), roomOf(target)]
  if (target.startsWith('..')) return 'this leads out of the repository'
  if (there === 'package.json') return null
  if (isTest(target) && !isTest(file)) return 'product code does not import tests'
  switch (here) {
    case 'contract':
      if (there === 'contract') return null
      return isTest(file) && there === 'testbed'
        ? null
        : `contract/ imports zod and itself, nothing of ${there}/`
    case 'server':
      return judgeFromServer(file, target, there)
    case 'web':
      if (there === 'contract') return null
      if (there === 'web') return judgeFromWeb(file, target)
      if (isTest(file) && there === 'testbed') return null
      return `web/ imports contract/ and itself, nothing of ${there}/`
    default:
      return there === 'web' ? 'web/ is bundled; nothing imports it' : null
  }
}

function judgeFromServer(file: string, target: string, there: string): string | null {
  if (there === 'contract') return null
  if (there === 'testbed' && isTest(file)) return null
  if (there !== 'server') return `server/ imports contract/ and itself, nothing of ${there}/`
  const [here, floor] = [floorOf(file), floorOf(target)]
  const [level, targetLevel] = [levelOf(here), levelOf(floor)]
  if (level < 0) return `the floor ${here} has no place yet; add it to scripts/rooms/floors.ts`
  if (targetLevel < 0) return `the floor ${floor} has no place yet; add it to scripts/rooms/floors.ts`
  if (targetLevel > level) {
    return `${here} is below ${floor}, and nothing reaches up; emit an event that ${floor} listens to`
  }
  const isForeignStore = floor !== here && posix.basename(target) === 'store.ts'
  if (isForeignStore && file !== compositionRoot && !isTest(file)) {
    return `the store of ${floor} is private; ask ${floor} itself`
  }
  return null
}

function judgeFromWeb(file: string, target: string): string | null {
  // Stories and tests draw a part with whatever stands around it on a page.
  if (isTest(file) || file.endsWith('.stories.tsx')) return null
  const [here, there] = [webFloorOf(file), webFloorOf(target)]
  if (there === null) return here === null ? null : `${target} stands on top of all floors`
  if (!isWebFloor(there)) return `the floor ${there} has no place yet; add it to scripts/rooms/floors.ts`
  if (here === null) return null
  if (!isWebFloor(here)) return `the floor ${here} has no place yet; add it to scripts/rooms/floors.ts`
  return webFloors.indexOf(there) > webFloors.indexOf(here)
    ? `${here} is below ${there}, and nothing reaches up`
    : null
}

/** The folder of a file of `web/`; null for those beside the folders. */
function webFloorOf(path: string): string | null {
  const [, folder, ...rest] = path.split('/')
  if (folder === undefined || rest.length === 0) return null
  return folder === 'messages' ? 'lib' : folder
}

const isWebFloor = (floor: string): floor is (typeof webFloors)[number] =>
  (webFloors as readonly string[]).includes(floor)

function judgeBuiltin(file: string, from: string, names: readonly string[] | null): string | null {
  if (!from.startsWith('node:')) return `write node:${from}`
  const room = roomOf(file)
  if (isTest(file)) return null
  const isHarmless = names !== null && names.length > 0 && names.every((name) => harmless.has(name))
  const owner = room === 'server' && !isHarmless ? builtinOwners[from] : undefined
  if (owner && !owner.places.some((place) => place.test(file)))
    return `${from} is not known here; ${owner.instead}`
  return room === 'contract' || room === 'web'
    ? `${room}/ runs in the browser too, where ${from} does not exist`
    : null
}

function judgePackage(file: string, name: string, { runtime, development }: Packages): string | null {
  const known = runtime.has(name) || development.has(name)
  if (!known) return `${name} is not in package.json`
  const owner = owners[name] ?? owners[name.split('/')[0] as string]
  if (owner && !owner.places.some((place) => place.test(file)) && !isTest(file)) {
    return `${name} is not known here; ${owner.instead}`
  }
  if (isTest(file)) return null
  const room = roomOf(file)
  if (room === 'contract' && name !== 'zod') return `contract/ imports zod and no other package`
  if (room === 'server' && !runtime.has(name)) {
    return `${name} is a development dependency, so the installed server does not have it`
  }
  if (room === 'web' && runtime.has(name) && name !== 'zod') return `${name} belongs to the server`
  return null
}

/** `@scope/name/part` and `name/part` without the part. */
function packageOf(from: string): string {
  return from.split('/', from.startsWith('@') ? 2 : 1).join('/')
}

const roomOf = (path: string): string => path.split('/')[0] as string
const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path)

/** `server/http-static.ts` and `server/http/static.ts` are on the floor `http`. */
function floorOf(path: string): string {
  return /^[a-z0-9]+/.exec(path.split('/')[1] ?? '')?.[0] ?? path
}

const levelOf = (floor: string): number => (floors as readonly string[]).indexOf(floor)
