import type { ThemeConfig } from "antd";

// The look: a calm administrative blue, white paper, plenty of air. Every pair of text and background has a contrast of at
// least 4.5:1 (most 7:1). Read in the browser and by scripts/extract-styles.mjs, which writes the style sheet that the strict
// Content-Security-Policy allows: nothing is styled at run time.
export const themeKey = "kyso";

export const palette = {
  navy: "#0b3d6e",
  blue: "#0f5a9c",
  sky: "#e8f1fa",
  gold: "#ffcf33",
  red: "#b3161b",
  ink: "#16222e",
  inkSoft: "#485766",
  line: "#d5dde5",
  paper: "#ffffff",
  ground: "#f4f6f9",
};

export const theme: ThemeConfig = {
  zeroRuntime: true,
  hashed: false,
  cssVar: { key: themeKey, prefix: "ant" },
  token: {
    colorPrimary: palette.blue,
    colorInfo: palette.blue,
    colorLink: "#0b559c",
    colorSuccess: "#157347",
    colorWarning: "#9a5b00",
    colorError: palette.red,
    colorInfoBg: palette.sky,
    colorInfoBorder: "#a9c8e6",
    colorSuccessBg: "#e4f4ea",
    colorSuccessBorder: "#9fd0b4",
    colorWarningBg: "#fff3d9",
    colorWarningBorder: "#e5c27d",
    colorErrorBg: "#fdeaea",
    colorErrorBorder: "#eab4b6",
    colorText: palette.ink,
    colorTextSecondary: palette.inkSoft,
    colorTextTertiary: "#566473",
    colorTextDescription: palette.inkSoft,
    colorTextPlaceholder: "#66727e",
    colorTextDisabled: "#66727e",
    colorBorder: "#8795a3",
    colorBorderSecondary: palette.line,
    colorBgLayout: palette.ground,
    fontFamily: '"Segoe UI", "Noto Sans", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif',
    fontFamilyCode: '"Cascadia Mono", Consolas, "Noto Sans Mono", "Liberation Mono", monospace',
    fontSize: 15,
    borderRadius: 8,
    controlHeight: 40,
    wireframe: false,
    motionDurationMid: "0.12s",
    motionDurationSlow: "0.18s",
  },
  components: {
    Button: { fontWeight: 600, primaryShadow: "none", defaultShadow: "none" },
    Menu: { itemHeight: 42, itemSelectedBg: palette.sky, itemSelectedColor: palette.navy, itemColor: palette.ink },
    Layout: { headerBg: palette.paper, siderBg: palette.paper, bodyBg: palette.ground },
    Form: { itemMarginBottom: 20, verticalLabelPadding: "0 0 6px", labelColor: palette.ink },
    Tag: { defaultColor: palette.ink },
  },
};
