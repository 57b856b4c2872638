"""A workbook of Mẫu 01 with sample people of the sample organisation: workbook.py FILE ROWS"""
import sys

import openpyxl

book = openpyxl.Workbook(write_only=True)
sheet = book.create_sheet()
sheet.append(["Họ tên", "Ngày sinh", "Số CMND, CCCD, HC", "Nơi cấp", "Ngày cấp", "Địa chỉ thư điện tử công vụ", "Tên CQTC cấp 1",
              "Tên CQTC cấp 2", "Tên CQTC cấp 3", "Tỉnh, thành phố", "Tên chức vụ", "Số điện thoại", "Loại thiết bị"])
for number in range(int(sys.argv[2])):
    sheet.append(["Nguyễn Văn A", "12/07/1987", f"001087{number:06}", "Cục Cảnh sát QLHC về TTXH", "01/01/2022",
                  f"nhap{number}@coquanmau.gov.vn", "Lạng Sơn", "Cơ quan mẫu: Ủy ban nhân dân tỉnh", "Cơ quan mẫu: Sở Mẫu",
                  "Lạng Sơn", "Chuyên viên", f"09123{number:05}", "Tệp PKCS#10"])
book.save(sys.argv[1])
