/** CSV read by the rules of RFC 4180; NULL where a field is empty and not in quotes. */
export function readCsv(text: string): (string | null)[][] {
  const rows: (string | null)[][] = []
  let row: (string | null)[] = []
  let place = 0
  while (place < text.length) {
    const [field, end] = readField(text, place)
    row.push(field)
    if (text[end] === ',') {
      place = end + 1
      continue
    }
    if (text.slice(end, end + 2) !== '\r\n') throw new Error(`no end of line at ${end}`)
    rows.push(row)
    row = []
    place = end + 2
  }
  return rows
}

function readField(text: string, place: number): [string | null, number] {
  if (text[place] !== '"') {
    const [bare] = /^[^,"\r\n]*/.exec(text.slice(place, place + 400))!
    return [bare === '' ? null : bare, place + bare.length]
  }
  let end = place + 1
  for (;;) {
    end = text.indexOf('"', end)
    if (end < 0) throw new Error(`no closing quote after ${place}`)
    if (text[end + 1] !== '"') break
    end += 2
  }
  return [text.slice(place + 1, end).replaceAll('""', '"'), end + 1]
}
