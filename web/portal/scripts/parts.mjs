// The Ant Design parts that the portal uses. The unit test "styles" compares them with the imports.
export const core = ["Alert", "App", "Button", "Checkbox", "Drawer", "Form", "Input", "Modal", "Space", "message", "notification"];
export const work = [
  "Badge", "Breadcrumb", "Card", "Col", "Collapse", "DatePicker", "Descriptions", "Divider", "Dropdown", "Empty", "Flex", "InputNumber", "Menu", "Pagination",
  "Popconfirm", "Popover", "Progress", "Radio", "Result", "Row", "Segmented", "Select", "Skeleton", "Spin", "Statistic", "Steps", "Switch", "Tabs", "Tag",
  "Timeline", "Tooltip", "Tree", "Typography", "Upload",
];
