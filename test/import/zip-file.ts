import { deflateRawSync } from 'node:zlib'

/** A member of a ZIP to be written; the odd fields make hostile ones. */
export interface ZipMember {
  name: string
  content: Buffer | string
  isStored?: boolean
  isEncrypted?: boolean
  isLink?: boolean
  /** What the list of members says of its unpacked size. */
  declaredSize?: number
  /** Its checksum is that of other bytes. */
  isDamaged?: boolean
  /** Shares the bytes of the member before. */
  isOverlapping?: boolean
}

/** Writes a ZIP by hand: what is asked for, right or wrong. */
export function zipOf(members: readonly ZipMember[]): Buffer {
  const parts: Buffer[] = []
  const list: Buffer[] = []
  let at = 0
  let lastAt = 0
  for (const member of members) {
    const content = Buffer.from(member.content)
    const isStored = member.isStored ?? false
    const packed = isStored ? content : deflateRawSync(content)
    const facts = { member, content, packed, isStored }
    if (member.isOverlapping !== true) {
      lastAt = at
      const local = headerOf(facts, null)
      parts.push(local, packed)
      at += local.length + packed.length
    }
    list.push(headerOf(facts, lastAt))
  }
  const directory = Buffer.concat(list)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(members.length, 8)
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...parts, directory, end])
}

interface Facts {
  member: ZipMember
  content: Buffer
  packed: Buffer
  isStored: boolean
}

/** The header before a member, or with its place the one in the list. */
function headerOf({ member, content, packed, isStored }: Facts, at: number | null): Buffer {
  const isLocal = at === null
  const name = Buffer.from(member.name)
  const header = Buffer.alloc(isLocal ? 30 : 46)
  const shift = isLocal ? 0 : 2
  header.writeUInt32LE(isLocal ? 0x04034b50 : 0x02014b50, 0)
  if (!isLocal) header.writeUInt16LE(0x0314, 4)
  header.writeUInt16LE(20, 4 + shift)
  header.writeUInt16LE(0x0800 | (member.isEncrypted === true ? 1 : 0), 6 + shift)
  header.writeUInt16LE(isStored ? 0 : 8, 8 + shift)
  const sum = checksum(member.isDamaged === true ? Buffer.alloc(1) : content)
  header.writeUInt32LE(sum, 14 + shift)
  header.writeUInt32LE(packed.length, 18 + shift)
  header.writeUInt32LE(member.declaredSize ?? content.length, 22 + shift)
  header.writeUInt16LE(name.length, 26 + shift)
  if (!isLocal) {
    const mode = member.isLink === true ? 0o120777 : 0o100644
    header.writeUInt32LE((mode << 16) >>> 0, 38)
    header.writeUInt32LE(at, 42)
  }
  return Buffer.concat([header, name])
}

const table = Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value >>> 0
})

function checksum(bytes: Buffer): number {
  let value = 0xffffffff
  for (const byte of bytes) value = table[(value ^ byte) & 0xff]! ^ (value >>> 8)
  return (value ^ 0xffffffff) >>> 0
}
