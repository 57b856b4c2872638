"""Fills the portal's own Excel template with sample people: fill_template.py TEMPLATE OUT COUNT [--faulty ROW:COLUMN:VALUE …]"""
import argparse

import openpyxl

parser = argparse.ArgumentParser()
parser.add_argument("template")
parser.add_argument("out")
parser.add_argument("count", type=int)
parser.add_argument("--faulty", nargs="*", default=[], help="ROW:HEADING:VALUE, rows from 1")
arguments = parser.parse_args()

book = openpyxl.load_workbook(arguments.template)
sheet = book.worksheets[0]
heading_row = next(row for row in range(1, 10) if sheet.cell(row, 1).value == "STT")
headings = {str(cell.value).rstrip(" *"): cell.column for cell in sheet[heading_row] if cell.value}
FAMILIES = ["Nguyễn Văn", "Trần Thị", "Lê Văn", "Phạm Thị", "Hoàng Văn", "Vũ Thị", "Đặng Văn", "Bùi Thị"]


def letters(number):
    return chr(ord("A") + number // 8)


for index in range(arguments.count):
    is_woman = index % 2 == 1
    year = 1980 + index % 15
    row = {"STT": index + 1, "Họ tên": f"{FAMILIES[index % 8]} {letters(index)}", "Ngày sinh": f"{index % 27 + 1:02}/{index % 12 + 1:02}/{year}",
           "Số CMND, CCCD, HC": f"020{1 if is_woman else 0}{year % 100:02}{index + 1:06}", "Nơi cấp": "Cục Cảnh sát QLHC về TTXH",
           "Ngày cấp": "01/01/2022", "Địa chỉ thư điện tử công vụ": f"canbo{index + 1:02}@coquanmau.gov.vn",
           "Tên CQTC cấp 1": "Lạng Sơn", "Tên CQTC cấp 2": "Cơ quan mẫu: Ủy ban nhân dân tỉnh", "Tên CQTC cấp 3": "Cơ quan mẫu: Sở Mẫu",
           "Tỉnh, thành phố": "Lạng Sơn", "Tên chức vụ": "Chuyên viên", "Số điện thoại": f"09123{index + 10:05}", "Loại thiết bị": "Tệp PKCS#10"}
    for name, value in row.items():
        sheet.cell(heading_row + 1 + index, headings[name], value)
for fault in arguments.faulty:
    row, name, value = fault.split(":", 2)
    sheet.cell(heading_row + int(row), headings[name], value)
book.save(arguments.out)
