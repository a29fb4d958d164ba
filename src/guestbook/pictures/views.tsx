import { Dashboard } from '../../kit/html/dashboard'
import { Card } from '../../kit/html/parts/card'
import { Input, Select } from '../../kit/html/parts/fields'
import { ButtonForm, Form, Submit } from '../../kit/html/parts/form'
import { type Column, Table } from '../../kit/html/parts/table'
import { inKb } from '../../kit/lib/amounts'
import { DASHBOARD } from '../../kit/lib/paths'
import { type BookRow, toBook } from '../books/book'
import { settingsPath } from '../books/form'
import {
  ALT_MAX,
  MAX_PICTURES,
  PICTURE_FORMATS,
  PICTURE_MAX_BYTES,
  PICTURE_TYPES,
  type Picture,
  SIDE_MAX,
} from '../rules/looks/picture'
import { OwnPicture } from './own-picture'

export function PicturesPage({ row, form }: { row: BookRow; form: URLSearchParams }) {
  const { slug, pictures } = toBook(row)
  const crumbs = [{ href: `${settingsPath(slug)}#appearance`, label: row.title }]
  return (
    <Dashboard title="Pictures" section={DASHBOARD.books} crumbs={crumbs}>
      <p>Pictures of your own for the page of the book.</p>
      {pictures.length > 0 && <Table columns={columnsOf(slug)} rows={pictures} />}
      <Card title="Add a picture">
        {pictures.length < MAX_PICTURES ? (
          <UploadForm slug={slug} form={form} />
        ) : (
          <p>The book has {MAX_PICTURES} pictures, which is the limit. Remove one first.</p>
        )}
      </Card>
    </Dashboard>
  )
}

function UploadForm({ slug, form }: { slug: string; form: URLSearchParams }) {
  return (
    <Form action={picturesPath(slug)} enctype="multipart/form-data">
      <Input
        name="content"
        label="File"
        type="file"
        required
        data-max-bytes={PICTURE_MAX_BYTES}
        accept={PICTURE_TYPES.map((type) => `image/${type}`).join()}
        hint={`${PICTURE_FORMATS}, up to ${inKb(PICTURE_MAX_BYTES)} and ${SIDE_MAX} × ${SIDE_MAX} pixels.`}
      />
      <Fields use={form.get('use') ?? 'header'} alt={form.get('alt') ?? ''} />
      <Submit kind="primary" label="Upload" />
    </Form>
  )
}

const USES: Record<Picture['use'], string> = {
  header: 'At the head of the page',
  tile: 'Background, repeated',
  divider: 'Between the entries',
  none: 'Nowhere',
}

/** @param id of a picture; none for a new one */
function Fields({ id = '', use, alt }: { id?: string; use: string; alt: string }) {
  return (
    <>
      <Select name="use" id={`use${id}`} label="Where it is shown" choices={USES} value={use} />
      <Input
        name="alt"
        id={`alt${id}`}
        label="What it shows"
        counted={ALT_MAX}
        value={alt}
        hint={
          id === '' ? 'For people who cannot see the picture. Leave it empty if the picture is decorative.' : undefined
        }
      />
    </>
  )
}

const picturesPath = (slug: string): string => `${settingsPath(slug)}/pictures`

function columnsOf(slug: string): Column<Picture>[] {
  return [
    {
      head: 'Picture',
      cell: (one) => (
        <>
          <OwnPicture slug={slug} picture={one} class="own-picture" />
          <p class="small">
            {one.type.toUpperCase()}, {one.width} × {one.height}, {inKb(one.size)}
          </p>
        </>
      ),
    },
    {
      head: 'Use',
      label: null,
      class: 'wide',
      cell: ({ id, use, alt }) => (
        <Form action={`${picturesPath(slug)}/${id}`}>
          <Fields id={id} use={use} alt={alt} />
          <Submit label="Save" />
        </Form>
      ),
    },
    {
      head: 'Action',
      label: null,
      cell: ({ id }) => <ButtonForm class="inline" action={`${picturesPath(slug)}/${id}/remove`} label="Remove" />,
    },
  ]
}
