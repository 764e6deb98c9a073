import { describe, expect, it } from 'vitest'
import { tinyData } from '../../../test/fixtures/tiny-experiment.ts'
import { pictureClasses } from './picture-classes.ts'

const { pictures: set } = tinyData()
const pictures = set.pictures.map((picture, index) => ({
  ...picture,
  group: index % 2 === 0 ? 'animals' : 'food',
  subgroup: index < 11 ? `kind ${index % 3}` : 'kind unseen',
}))

describe('the classes of a prior', () => {
  it('are the groups or subgroups of the training pictures, by name', () => {
    const groups = pictureClasses('group', { pictures, training: set.training })
    expect(groups.names).toEqual(['animals', 'food'])
    expect([0, 1, 2].map(groups.of)).toEqual([0, 1, 0])
    const subgroups = pictureClasses('subgroup', { pictures, training: set.training })
    expect(subgroups.names).toEqual(['kind 0', 'kind 1', 'kind 2'])
    expect([4, 5].map(subgroups.of)).toEqual([1, 2])
  })

  it('are none for a picture of a class that training has not', () => {
    expect(pictureClasses('subgroup', { pictures, training: set.training }).of(12)).toBe(3)
  })

  it('are none at all where the config wants none', () => {
    const none = pictureClasses('none', { pictures, training: set.training })
    expect([none.names, none.of(0)]).toEqual([[], 0])
  })
})
