import { EN, type Texts } from './en'

export const FR: Texts = EN
