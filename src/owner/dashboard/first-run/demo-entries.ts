import type { BulkEntry } from '../../../guestbook/bulk/insert'

/* The guests of the demo guestbook. All are made up, and their sites are names that nobody can own. */

interface DemoEntry extends Pick<BulkEntry, 'name' | 'website' | 'body'> {
  status?: 'held'
  reply?: string
}

/** The oldest first. */
export const DEMO_ENTRIES: readonly DemoEntry[] = [
  {
    name: 'Brenda Modem',
    website: 'https://modem.example.com/',
    body: 'FIRST!!! It took four minutes to load, and it was worth every second of it. My mother needs the phone now, so I have to hang up. :-)',
  },
  {
    name: 'Webring Wanda',
    website: 'https://wanda.example.com/ring',
    body: 'Lovely page! Would you like to join the Ring of Pages That Are Under Construction? We have 214 members, and not one of them has finished.',
    reply: 'With pleasure, Wanda. I am not planning to finish either.',
  },
  {
    name: 'Gary G. Cities',
    website: 'https://gary.example.com/~hollywood/4711/',
    body: 'Greetings from the neighborhood two folders down. I have borrowed your spinning flame for my own page. I hope that is all right. I now have eleven of them.',
  },
  {
    name: 'The Webmaster of Frogs',
    website: 'https://frogs.example.com/',
    body: 'Ribbit. Best viewed with both eyes.',
  },
  {
    name: 'Dot Matrix',
    website: 'https://dot-matrix.example.com/',
    body: 'I printed your whole guestbook to read on the bus. It is now nine meters long, and the bus driver has signed it too.',
    reply: 'Dot, please send me the last meter. He is the only guest I have not answered.',
  },
  {
    name: 'Professor Marquee',
    website: null,
    body: 'In my opinion, every text on this page should move slowly from the right to the left. Otherwise, I have no complaints.',
  },
  {
    name: 'Midi Maggie',
    website: 'https://midi.example.com/canyon',
    body: 'I came for the entries and stayed for the silence. Whoever turned off the background music: thank you. The cat has come back.',
  },
  {
    name: 'Totally Real Prizes',
    website: 'https://prizes.example.com/',
    body: 'Congratulations! You are visitor number 1,000,000. Click here to collect your free toaster. (This entry waits for the owner, so only you can see it.)',
    status: 'held',
  },
]
