import { expect, it } from 'vitest'
import { openJinjaTemplate } from './jinja-template.ts'

it('renders values, counts, and raises what a template raises', () => {
  expect(openJinjaTemplate('{% for i in range(1, 6, 2) %}{{ i }}{{ a }}{% endfor %}')({ a: '-' })).toBe('1-3-5-')
  expect(openJinjaTemplate('{{ range(3) | length }}{% if none is none and True %}y{% endif %}')({})).toBe('3y')
  expect(() => openJinjaTemplate("{{ raise_exception('no') }}")({})).toThrow('no')
})

it('does not know the date', () => {
  const template = "{% if strftime_now is defined %}{{ strftime_now('%Y') }}{% else %}26 Jul 2024{% endif %}"
  expect(openJinjaTemplate(template)({})).toBe('26 Jul 2024')
})

it('ends on templates that would fill the memory, the stack or the file', () => {
  expect(() => openJinjaTemplate('{% for i in range(1000000000) %}{% endfor %}')({})).toThrow('counts to 1000000000')
  expect(() => openJinjaTemplate('{{ range(1, 2, 0) }}')({})).toThrow('counts to Infinity')
  expect(() => openJinjaTemplate('{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}')({})).toThrow()
  expect(() => openJinjaTemplate('x'.repeat(2 ** 21))).toThrow('more than any such template')
  expect(() => openJinjaTemplate('{% for %}')).toThrow()
})
