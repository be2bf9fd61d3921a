import type { Machine } from './boot.ts'

/** A fault that is really made in the machine, and what has to be said of it. */
export interface Scenario {
  readonly id: string
  readonly says: string
  readonly needsZfs?: boolean
  seed(machine: Machine): Promise<unknown>
  /** Takes the fault away, so that the next scenario begins with a sound machine. */
  mend(machine: Machine): Promise<unknown>
  /** Rules that have to appear with a text in their subject; no other rule about disks may. */
  readonly expected: readonly { readonly rule: string; readonly subject: string }[]
}

const disk = (number: number): string => `/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_SPARE${number}`
const wipe = (...numbers: number[]): string =>
  numbers
    .map(
      (number) => `wipefs -qa ${disk(number)}; dd if=/dev/zero of=${disk(number)} bs=1M count=16 status=none`,
    )
    .join('; ')

/** Every scenario of a machine with disks of its own; V01 is the sound one, and comes first. */
export const scenarios: readonly Scenario[] = [
  {
    id: 'V01',
    says: 'a sound machine',
    seed: async () => {},
    mend: async () => {},
    expected: [],
  },
  {
    id: 'V02',
    says: 'a disk of a mirror of md has failed',
    seed: ({ sh }) =>
      sh(
        `mdadm --create /dev/md0 --run --level=1 --raid-devices=2 --metadata=1.2 ${disk(0)} ${disk(1)} 2>/dev/null; mdadm --wait /dev/md0 || true; mdadm --fail /dev/md0 ${disk(1)}`,
      ),
    mend: ({ sh }) => sh(`mdadm --stop /dev/md0; ${wipe(0, 1)}`),
    expected: [{ rule: 'raid.degraded', subject: 'md0' }],
  },
  {
    id: 'V03',
    says: 'a disk of a mirror of ZFS is taken offline',
    needsZfs: true,
    seed: ({ sh }) => sh(`zpool create -f pool mirror ${disk(0)} ${disk(1)}; zpool offline pool ${disk(1)}`),
    mend: ({ sh }) => sh(`zpool destroy -f pool; ${wipe(0, 1)}`),
    expected: [{ rule: 'zfs.pool_unhealthy', subject: 'pool' }],
  },
  {
    id: 'V04',
    says: 'half of a mirror of ZFS was overwritten, and the pool is ONLINE',
    needsZfs: true,
    seed: ({ sh }) =>
      sh(
        `zpool create -f pool mirror ${disk(0)} ${disk(1)}; dd if=/dev/urandom of=/pool/a bs=1M count=80 status=none; zpool sync; dd if=/dev/zero of=${disk(1)}-part1 bs=1M seek=8 count=120 conv=notrunc status=none; sync; zpool scrub -w pool`,
      ),
    mend: ({ sh }) => sh(`zpool destroy -f pool; ${wipe(0, 1)}`),
    expected: [{ rule: 'zfs.device_errors', subject: 'pool' }],
  },
  {
    id: 'V05',
    says: 'a pool of one disk was overwritten: data is lost, and it is ONLINE',
    needsZfs: true,
    seed: ({ sh }) =>
      sh(
        `zpool create -f pool ${disk(0)}; dd if=/dev/urandom of=/pool/a bs=1M count=80 status=none; zpool sync; dd if=/dev/zero of=${disk(0)}-part1 bs=1M seek=16 count=60 conv=notrunc status=none; sync; zpool scrub -w pool || true`,
      ),
    mend: ({ sh }) => sh(`zpool destroy -f pool; ${wipe(0)}`),
    expected: [{ rule: 'zfs.data_errors', subject: 'pool' }],
  },
  {
    id: 'V06',
    says: 'an NVMe drive says that its spare is low and that it is no longer reliable',
    seed: ({ ask }) =>
      ask('qom-set', { path: '/machine/peripheral/nvme0', property: 'smart_critical_warning', value: 5 }),
    mend: ({ ask }) =>
      ask('qom-set', { path: '/machine/peripheral/nvme0', property: 'smart_critical_warning', value: 0 }),
    expected: [
      { rule: 'nvme.critical_warning', subject: 'nvme0' },
      { rule: 'smart.failed', subject: 'nvme0' },
    ],
  },
  {
    id: 'V07',
    says: 'a thin pool of LVM is nearly full',
    seed: ({ sh }) =>
      sh(
        `pvcreate -qf ${disk(2)}; vgcreate -q store ${disk(2)}; lvcreate -q -y -L 100M -T store/pool; lvcreate -q -y -V 200M -T store/pool -n thin; dd if=/dev/urandom of=/dev/store/thin bs=1M count=90 oflag=direct status=none`,
      ),
    mend: ({ sh }) => sh(`vgremove -qqf store; pvremove -q ${disk(2)}; ${wipe(2)}`),
    expected: [{ rule: 'lvm.thin_full', subject: 'pool' }],
  },
  {
    id: 'K06',
    says: 'half of a mirror of Btrfs was overwritten',
    seed: ({ sh }) =>
      sh(
        `mkfs.btrfs -qf -d raid1 -m raid1 ${disk(3)} ${disk(4)}; mkdir -p /mnt/pair; mount ${disk(3)} /mnt/pair; dd if=/dev/urandom of=/mnt/pair/a bs=1M count=60 status=none; sync; dd if=/dev/zero of=${disk(4)} bs=1M seek=20 count=200 conv=notrunc status=none || true; sync; echo 3 > /proc/sys/vm/drop_caches; btrfs scrub start -Bq /mnt/pair || true`,
      ),
    mend: ({ sh }) => sh(`umount /mnt/pair; ${wipe(3, 4)}`),
    expected: [{ rule: 'btrfs.device_errors', subject: '/mnt/pair' }],
  },
]
