import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["src/generated/**"] },
  ...tseslint.configs.recommended,
  ...tseslint.configs.stylistic,
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": reactHooks },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "@typescript-eslint/consistent-type-definitions": "off",
      "@typescript-eslint/no-explicit-any": "error",
      "no-console": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      eqeqeq: ["error", "always", { null: "ignore" }],
      // What the strict Content-Security-Policy would refuse, or what would open a hole.
      "no-eval": "error",
      "no-new-func": "error",
      "no-restricted-syntax": [
        "error",
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "Markup comes from components, never from text (see ui/markdown.tsx)." },
        { selector: "JSXAttribute[name.name='href'][value.value=/^javascript:/]", message: "No javascript: addresses." },
      ],
      "no-restricted-imports": [
        "error",
        {
          paths: [
            { name: "antd/es/theme/internal", message: "Tokens stand in app/theme.ts." },
            { name: "@ant-design/icons", importNames: ["LoginOutlined", "RestOutlined"], message: "Has a <style> inside, which the Content-Security-Policy refuses." },
          ],
        },
      ],
    },
  },
);
