/**
 * Okabe and Ito's colour-blind-safe set (https://jfly.uni-koeln.de/color/). On a light ground the three light hues,
 * and on a dark one the black, are moved in lightness only, so that a line keeps a contrast of 3 against its ground.
 */
export const RUN_COLOURS: Record<'light' | 'dark', readonly string[]> = {
  light: ['#0072b2', '#d55e00', '#009e73', '#cc6a9d', '#b27a00', '#2f93cc', '#968c00', '#3d4550'],
  dark: ['#3a9bd9', '#f07b2e', '#1fbf8f', '#dc92ba', '#e69f00', '#7cc8f2', '#f0e442', '#c3cad2'],
}
