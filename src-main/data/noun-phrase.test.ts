import { expect, test } from 'vitest'
import { nounPhrase } from './noun-phrase.ts'

test.each([
  ['red apple', 'a red apple'],
  ['owl', 'an owl'],
  ['unicorn', 'a unicorn'],
  ['umbrella', 'an umbrella'],
  ['euro banknote', 'a euro banknote'],
  ['hourglass done', 'an hourglass done'],
  ['SOS button', 'an SOS button'],
  ['grapes', 'grapes'],
  ['octopus', 'an octopus'],
  ['glass of milk', 'a glass of milk'],
  ['face with rolling eyes', 'a face with rolling eyes'],
  ['people with bunny ears', 'people with bunny ears'],
  ['men wrestling', 'men wrestling'],
  ['woman lifting weights', 'a woman lifting weights'],
  ['two hearts', 'two hearts'],
  ['cooked rice', 'cooked rice'],
  ['Mrs. Claus', 'Mrs. Claus'],
  ['Statue of Liberty', 'the Statue of Liberty'],
  ['one o’clock', "one o'clock"],
  ['flag: Japan', 'the flag of Japan'],
  ['keycap: 4', 'a keycap 4'],
  ['waving hand: light skin tone', 'a waving hand with light skin tone'],
  ['man: light skin tone, beard', 'a man with light skin tone and beard'],
  ['person running: facing right', 'a person running facing right'],
  ['family: man, woman, boy', 'a family of a man, a woman and a boy'],
])('"%s" is spoken of as "%s"', (label, phrase) => {
  expect(nounPhrase(label)).toBe(phrase)
})
