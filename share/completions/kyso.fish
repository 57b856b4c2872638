# fish completion for kyso, in Vietnamese or, with KYSO_LANG=en, in English.
# Installed as share/fish/vendor_completions.d/kyso.fish

function __kyso_text --argument-names vietnamese english
    if string match -q 'en*' -- "$KYSO_LANG"
        echo $english
    else
        echo $vietnamese
    end
end

# What is typed before the cursor without options and their values: command, document, …
function __kyso_positionals
    set -l skip no
    for word in (commandline -opc)[2..]
        if test $skip = yes
            set skip no
            continue
        end
        switch $word
            case --details --only-trust --online --offline --no-cache --intermediate --vri --yes --without-tokens
            case --use-last-try --lock --repair --json --quiet -q --help -h --version '--*=*'
            case '--*' -o
                set skip yes
            case '-*'
            case '*'
                echo -- $word
        end
    end
end

# True when the command is one of these; "template new" is one, "" is none yet.
function __kyso_command
    set -l words (__kyso_positionals)
    set -l command "$words[1]"
    if contains -- "$command" template trust authority desk ceremony
        set command (string trim "$command $words[2]")
    end
    if contains -- "$command" 'authority request' 'authority policy'
        set command (string trim "$command $words[3]")
    end
    contains -- "$command" $argv
end

# True when the command is one of these and has no argument yet.
function __kyso_first_argument
    set -l words (__kyso_positionals)
    set -l count 1
    contains -- "$words[1]" template trust authority desk ceremony; and set count 2
    contains -- "$words[1] $words[2]" 'authority request' 'authority policy'; and set count 3
    __kyso_command $argv; and test (count $words) -eq $count
end

function __kyso_templates
    set -l program (string replace -r '^~' $HOME -- (commandline -opc)[1])
    $program template list --json 2>/dev/null | string replace -rf '^ *"name": "(.*)",?$' '$1'
end

# Files whose names end as said, whatever their capitals, and folders: __kyso_files BEFORE [EXTENSION...]
# BEFORE stands before the file name in the word ("p12:").
function __kyso_files
    set -l before $argv[1]
    set -l word (string replace -r '^--[a-z-]+=' '' -- (commandline -ct))
    set -l part (string sub -s (math (string length -- "$before") + 1) -- "$word")
    set -l ends (string join '|' -- $argv[2..])
    for path in (complete -C "'' $part" | string replace -r '\t.*' '')
        if string match -q '*/' -- $path
            or test -z "$ends"
            or string match -rqi -- '\.('$ends')$' $path
            echo -- $before$path
        end
    end
end

function __kyso_holders
    set -l word (string replace -r '^--[a-z-]+=' '' -- (commandline -ct))
    switch $word
        case 'p12:*'
            __kyso_files p12: p12 pfx
        case 'pem:*,*'
            __kyso_files (string replace -r ',[^,]*$' ',' -- $word) pem crt cer
        case 'pem:*'
            __kyso_files pem: pem key
        case 'pkcs11:*'
        case '*'
            printf '%s\t%s\n' p12: PKCS#12 pem: PEM pkcs11: PKCS#11
    end
end

function __kyso_passwords
    set -l word (string replace -r '^--[a-z-]+=' '' -- (commandline -ct))
    switch $word
        case 'file:*'
            __kyso_files file:
        case '*'
            printf '%s\n' prompt file: fd:
    end
end

# __kyso_option 'COMMAND...' VIETNAMESE ENGLISH OPTION-OF-complete...
function __kyso_option
    complete -c kyso -n "__kyso_command $argv[1]" -d (__kyso_text $argv[2] $argv[3]) $argv[4..]
end

function __kyso_subcommand
    complete -c kyso -n "__kyso_command '$argv[1]'" -d (__kyso_text $argv[3] $argv[4]) -a $argv[2]
end

complete -c kyso -f
complete -c kyso -s h -l help -d (__kyso_text 'Trợ giúp' Help)
complete -c kyso -l lang -x -a 'vi en' -d (__kyso_text 'Ngôn ngữ' Language)
complete -c kyso -l json -d (__kyso_text 'Kết quả dạng JSON' 'Results as JSON')
complete -c kyso -s q -l quiet -d (__kyso_text 'Chỉ báo lỗi' 'Errors only')
__kyso_option "''" 'Phiên bản' Version -l version

__kyso_subcommand '' sign 'Ký văn bản' 'Sign documents'
__kyso_subcommand '' prepare 'Chuẩn bị chữ ký; khóa ở nơi khác ký sau' 'Prepare a signature for a key that is elsewhere'
__kyso_subcommand '' complete 'Gắn giá trị chữ ký' 'Put a signature value into a prepared file'
__kyso_subcommand '' verify 'Xác thực chữ ký' 'Say whether documents can be trusted'
__kyso_subcommand '' extend 'Thêm dữ liệu để xác thực lâu dài' 'Add what long-term validation needs'
__kyso_subcommand '' extract 'Lấy ra phiên bản đã ký' 'Take out the signed version'
__kyso_subcommand '' facts 'Nêu mọi dữ kiện' 'Everything observable'
__kyso_subcommand '' judge 'Kết luận lại từ dữ kiện đã lưu' 'Judge saved facts again'
__kyso_subcommand '' trust 'Các CA tin cậy' 'Trusted authorities'
__kyso_subcommand '' inspect 'Xem phiên bản, chữ ký, ô nhập, quyền' 'Show revisions, signatures, fields, permissions'
__kyso_subcommand '' text 'Tìm chữ trong văn bản' 'Find where a text stands'
__kyso_subcommand '' template 'Mẫu chữ ký' 'Signature templates'
__kyso_subcommand '' authority 'Cơ quan chứng thực' 'Certification authority'
__kyso_subcommand '' errors 'Liệt kê mã lỗi và mã thoát' 'List error codes and exit codes'
__kyso_subcommand template list 'Liệt kê các mẫu' 'List them'
__kyso_subcommand template show 'Xem một mẫu' 'Show one'
__kyso_subcommand template new 'Tạo mẫu mới' 'Make a new one'
__kyso_subcommand '' desk 'Máy trạm: chuẩn bị và mở khóa thiết bị' 'The station: prepare and unlock tokens'
__kyso_subcommand '' ceremony 'Lễ tạo khóa' 'Key ceremony'
__kyso_subcommand ceremony plan 'Kiểm tra và in kế hoạch' 'Check and print the plan'
__kyso_subcommand ceremony approve 'Phê duyệt kế hoạch' 'Approve the plan'
__kyso_subcommand ceremony run 'Thực hiện' 'Carry it out'
__kyso_subcommand ceremony record 'Đối chiếu biên bản' 'Check the transcript'
__kyso_subcommand authority request 'Lập và ký yêu cầu' 'Make and sign a request'
__kyso_subcommand authority approve 'Xem và ký duyệt' 'Look and approve'
__kyso_subcommand authority reject 'Xem và ký từ chối' 'Look and reject'
__kyso_subcommand authority show 'Xem một yêu cầu' 'Show a request'
__kyso_subcommand authority list 'Liệt kê yêu cầu' 'List requests'
__kyso_subcommand authority search 'Tìm chứng thư' 'Search certificates'
__kyso_subcommand authority certificate 'Lấy một chứng thư' 'Fetch a certificate'
__kyso_subcommand authority doctor 'Tự kiểm tra hệ thống' 'Ask the authority how it is'
__kyso_subcommand authority policy 'Quy chế' 'The policy'
__kyso_subcommand 'authority request' issue 'Cấp chứng thư' 'Issue certificates'
__kyso_subcommand 'authority request' revoke 'Thu hồi' 'Revoke'
__kyso_subcommand 'authority request' suspend 'Tạm dừng' 'Suspend'
__kyso_subcommand 'authority request' release 'Khôi phục' 'Release from suspension'
__kyso_subcommand 'authority request' policy 'Đổi quy chế' 'Change the policy'
__kyso_subcommand 'authority policy' get 'Xem hoặc tải về' 'Show or fetch'
__kyso_subcommand 'authority policy' check 'Kiểm tra một thư mục' 'Check a folder'
__kyso_subcommand 'authority policy' diff 'So sánh' 'Compare'
__kyso_subcommand 'authority policy' enrol-passkey 'Đăng ký khóa truy cập' 'Enrol a passkey'
__kyso_subcommand desk jobs 'Các việc đang chờ' 'What waits'
__kyso_subcommand desk personalise 'Tạo khóa trên thiết bị' 'Make keys on tokens'
__kyso_subcommand desk unlock 'Mở khóa thiết bị' 'Unlock tokens'
__kyso_subcommand trust list 'Các CA đang tin cậy' 'Trusted authorities'
__kyso_subcommand trust add 'Thêm một CA tin cậy' 'Trust an authority'
__kyso_subcommand trust remove 'Thôi tin cậy một CA' 'Stop trusting an authority'

complete -c kyso -n '__kyso_first_argument sign prepare complete extract facts inspect text' -a "(__kyso_files '' pdf)"
complete -c kyso -n '__kyso_command verify' -a "(__kyso_files '' pdf p7s p7m sig)"
complete -c kyso -n '__kyso_first_argument extend' -a "(__kyso_files '' pdf p7s p7m sig)"
complete -c kyso -n '__kyso_first_argument judge' -a "(__kyso_files '' json)"
complete -c kyso -n "__kyso_first_argument 'ceremony plan' 'ceremony approve' 'ceremony run' 'ceremony record'" -a "(__kyso_files '' toml)"
complete -c kyso -n "__kyso_first_argument 'authority request policy' 'authority policy check' 'authority policy diff'" -a "(__kyso_files '' /)"
complete -c kyso -n "__kyso_first_argument 'trust add'" -a "(__kyso_files '' pem crt cer der)"
complete -c kyso -n "__kyso_first_argument 'template show'" -a '(__kyso_templates)'

__kyso_option 'sign prepare complete extract' 'Tệp kết quả' Output -s o -l output -x -a "(__kyso_files '' pdf)"
__kyso_option extend 'Tệp kết quả' Output -s o -l output -x -a "(__kyso_files '' pdf p7s p7m sig)"
__kyso_option facts 'Tệp JSON' 'JSON file' -s o -l output -x -a "(__kyso_files '' json)"
__kyso_option sign 'Nơi giữ khóa' 'Key holder' -l holder -x -a '(__kyso_holders)'
__kyso_option sign 'Đọc mã PIN từ tệp' 'Read the PIN from a file' -l pin-file -r -F
__kyso_option sign 'Đọc mã PIN từ mô tả tệp' 'Read the PIN from a file descriptor' -l pin-fd -x
__kyso_option sign 'Đồng ý dùng lần nhập PIN cuối cùng' "Consent to spending a token's last PIN try" -l use-last-try
__kyso_option sign 'Ký cả danh sách' 'Sign a list of documents' -l batch -r -F
__kyso_option sign 'Tệp kết quả để chạy tiếp' 'Results, for going on after a stop' -l results -x -a "(__kyso_files '' jsonl)"
__kyso_option 'sign verify' 'Số tệp làm cùng lúc' 'Files at once' -l jobs -x
__kyso_option prepare 'Chứng thư số của người ký' "The signer's certificate" -l certificate -x -a "(__kyso_files '' pem crt cer der)"
__kyso_option complete 'Giá trị chữ ký' 'Signature value' -l signature -r -F
__kyso_option 'prepare complete' 'Tệp trạng thái' 'State file' -l state -x -a "(__kyso_files '' json)"

set -l signing 'sign prepare'
__kyso_option "$signing 'template new'" 'Vai trò' Role -l role -x -a 'initials leader comment number organisation appendix copy incoming plain'
__kyso_option $signing 'Đặt theo dòng chữ này' 'Place by this text' -l near -x
__kyso_option 'sign prepare text' 'Trang, đếm từ 1' 'Page, from 1' -l page -x
__kyso_option $signing 'Khung X,Y,W,H tính bằng point' 'Rectangle X,Y,W,H in points' -l rect -x
__kyso_option $signing 'Ô chữ ký có sẵn' 'An existing signature field' -l field -x
__kyso_option $signing 'Mẫu chữ ký' 'Signature template' -l template -x -a '(__kyso_templates)'
__kyso_option "$signing 'template new'" 'Hình PNG nền trong suốt' 'Transparent PNG picture' -l image -x -a "(__kyso_files '' png)"
__kyso_option $signing 'Lý do ký' Reason -l reason -x
__kyso_option $signing 'Nơi ký' Location -l location -x
__kyso_option $signing 'Dấu giáp lai' 'Page-edge seal' -l edge-seal -x -a 'by-the-book many-widgets off'
__kyso_option $signing 'Số văn bản' 'Document number' -l number -x
__kyso_option $signing 'Ngày văn bản' 'Date of the document' -l date -x
__kyso_option $signing 'Nội dung ý kiến' 'Text of the comment' -l comment -x
__kyso_option "$signing 'template new'" 'Tên cơ quan, tổ chức' "Agency's name" -l agency -x
__kyso_option $signing 'Hình thức sao' 'Kind of copy' -l copy-kind -x -a 'sao-y sao-luc trich-sao'
__kyso_option $signing 'Dấu đến: Chuyển' 'Incoming stamp: forward to' -l forward -x
__kyso_option $signing 'Dấu đến: Số và ký hiệu hồ sơ' 'Incoming stamp: number and sign of the file' -l file-code -x
__kyso_option $signing 'Loại chữ ký' Profile -l profile -x -a 'b-b b-t b-lt b-lta legacy'
__kyso_option 'sign prepare complete extend' 'Máy chủ cấp dấu thời gian' 'Time-stamp authority' -l tsa -x
__kyso_option 'sign prepare complete extend' 'Thời gian chờ mỗi máy chủ, giây' 'Seconds to wait for each authority' -l tsa-timeout -x
__kyso_option $signing 'Thuật toán ký' Algorithm -l scheme -x -a 'rsa-pkcs1-sha256 rsa-pkcs1-sha384 rsa-pkcs1-sha512 rsa-pss-sha256 rsa-pss-sha384 rsa-pss-sha512 ecdsa-p256-sha256 ecdsa-p256-sha384 ecdsa-p256-sha512 ecdsa-p384-sha256 ecdsa-p384-sha384 ecdsa-p384-sha512 ed25519'
__kyso_option $signing 'Chứng thư số của CA' 'Issuer certificates' -l chain -x -a "(__kyso_files '' pem crt cer der)"
__kyso_option $signing 'Khóa mọi ô nhập sau chữ ký này' 'Lock all fields after this signature' -l lock
__kyso_option $signing 'Chữ ký chứng nhận' Certify -l certify -x -a "1\t'"(__kyso_text 'không cho đổi gì' 'no changes')"' 2\t'"(__kyso_text 'cho điền và ký' 'filling and signing')"' 3\t'"(__kyso_text 'thêm chú thích' 'also annotations')"'"
__kyso_option 'sign prepare complete verify extend extract facts inspect text' 'Mật khẩu văn bản' 'Document password' -l password -x -a '(__kyso_passwords)'
__kyso_option 'sign prepare inspect text' 'Dùng cả tệp hỏng cấu trúc' 'Also when the structure is damaged' -l repair

__kyso_option "'template new'" 'Mẫu để chép' 'Template to start from' -l from -x -a '(__kyso_templates)'
__kyso_option "'template new'" 'Họ và tên để tìm chỗ ký' 'Name that the place is found by' -l signer-name -x
__kyso_option "'template new'" 'Chiều rộng, point' 'Width, points' -l width -x
__kyso_option "'template new'" 'Chiều cao, point' 'Height, points' -l height -x
__kyso_option "'template new'" 'Đường kính con dấu, mm' 'Seal diameter, mm' -l seal-diameter -x
__kyso_option "'template new'" 'Phần chữ ký bị dấu trùm, %' 'Overlap of seal and signature, %' -l seal-overlap -x

set -l judging 'sign verify extend judge'
__kyso_option $judging 'Thêm CA tin cậy' 'Further trust anchors' -l trust -x -a "(__kyso_files '' pem crt cer der)"
__kyso_option $judging 'Chỉ tin các CA nêu ở --trust' 'Trust only what --trust names' -l only-trust
__kyso_option $judging 'Chính sách' Policy -l policy -x -a "strict tt15 legacy-vn (__kyso_files '' toml)"
__kyso_option 'verify judge' 'Kết luận tại thời điểm này' 'Judge as of this time' -l at -x
__kyso_option verify 'Hỏi OCSP, tải CRL' 'Ask OCSP, fetch CRLs' -l online
__kyso_option verify 'Không dùng mạng' 'Use no network' -l offline
__kyso_option 'verify extend' 'Không dùng câu trả lời đã lưu' 'Use no answers from earlier runs' -l no-cache
__kyso_option 'verify extend' 'Số giây chờ mỗi dịch vụ' 'Seconds to wait for each service' -l fetch-timeout -x
__kyso_option 'verify extend' 'Tệp mà chữ ký rời ký' 'What a detached signature signs' -l content -r -F
__kyso_option verify 'Nêu mọi điều đã thấy' 'Tell everything that was found' -l details
__kyso_option verify 'Báo cáo HTML' 'HTML report' -l html -x -a "(__kyso_files '' html)"
__kyso_option verify 'Báo cáo PDF' 'PDF report' -l pdf -x -a "(__kyso_files '' pdf)"
__kyso_option verify 'Báo cáo XML ETSI' 'ETSI XML report' -l etsi -x -a "(__kyso_files '' xml)"
__kyso_option verify 'Lưu dữ kiện và bằng chứng' 'Keep facts and evidence' -l save-evidence -x -a "(__kyso_files '' json)"
__kyso_option extend 'Mức cần đạt' 'Level to reach' -l level -x -a 't lt lta'
__kyso_option extend 'Ghi thêm mục VRI cho từng chữ ký' 'Write a VRI entry for each signature too' -l vri
__kyso_option extract 'Số phiên bản, từ 1' 'Revision, from 1' -l revision -x
__kyso_option extract 'Phiên bản mà ô chữ ký này ký' 'What the signature in this field signs' -l signature -x
__kyso_option "'trust add' 'trust remove'" 'Vì sao' Why -l reason -x
__kyso_option "'trust add'" 'Tên gọi' 'Name for people' -l name -x
__kyso_option "'trust add'" 'Chỉ tin chữ ký từ lúc này' 'Only signatures from then on' -l from -x
__kyso_option "'trust add'" 'Chỉ tin chữ ký đến lúc này' 'Only signatures until then' -l until -x
__kyso_option "'trust add'" 'Kiểm tra thu hồi' 'Revocation status' -l revocation -x -a 'required if-published'
__kyso_option "'trust add'" 'Chỉ dùng để nối đường dẫn' 'For building paths only' -l intermediate

set -l officer "'authority request issue' 'authority request revoke' 'authority request suspend' 'authority request release' 'authority request policy' 'authority approve' 'authority reject' 'authority show' 'authority list' 'authority search' 'authority certificate' 'authority doctor' 'authority policy get' 'authority policy diff' 'authority policy enrol-passkey' 'desk jobs' 'desk personalise' 'desk unlock'"
set -l asking "'authority request issue' 'authority request revoke' 'authority request suspend' 'authority request release' 'authority request policy' 'authority policy enrol-passkey'"
__kyso_option $officer 'Địa chỉ máy chủ' 'Address of the server' -l server -x
__kyso_option $officer 'Chứng thư của CA cấp cho máy chủ' 'Certificates that vouch for the server' -l ca-file -x -a "(__kyso_files '' pem crt cer der)"
__kyso_option $officer 'Thời gian chờ máy chủ, giây' 'Seconds to wait for the server' -l timeout -x
__kyso_option $officer 'Khóa của cán bộ' "The officer's key" -l holder -x -a '(__kyso_holders)'
__kyso_option $officer 'Đọc mã PIN từ tệp' 'Read the PIN from a file' -l pin-file -r -F
__kyso_option $officer 'Đọc mã PIN từ mô tả tệp' 'Read the PIN from a file descriptor' -l pin-fd -x
__kyso_option $officer 'Đồng ý dùng lần nhập PIN cuối cùng' "Consent to spending a token's last PIN try" -l use-last-try
__kyso_option $asking 'Mục đích' 'Why' -l purpose -x
__kyso_option $asking 'Yêu cầu có giá trị trong bao lâu' 'How long the request lives' -l valid-for -x
__kyso_option $asking 'Ghi yêu cầu đã ký vào tệp' 'Write the signed request here' -s o -l output -x -a "(__kyso_files '' jws)"
__kyso_option "'authority request issue' 'authority request revoke' 'authority request suspend' 'authority request release' 'authority search' 'authority certificate'" 'Cơ quan cấp' 'Issuer' -l issuer -x
__kyso_option "'authority request issue'" 'Tệp TOML hoặc JSON' 'TOML or JSON file' -l from -x -a "(__kyso_files '' toml json)"
__kyso_option "'authority request issue'" 'Yêu cầu PKCS#10' 'PKCS#10' -l csr -x -a "(__kyso_files '' csr p10 pem der)"
__kyso_option "'authority request issue' 'authority search'" 'Mẫu chứng thư' 'Profile' -l profile -x
__kyso_option "'authority request issue'" 'Thuộc tính của chủ thể' 'Attribute of the subject' -l subject -x
__kyso_option "'authority request issue'" 'Tên khác' 'Other name' -l name -x -a 'email: dns: ip: uri:'
__kyso_option "'authority request issue'" 'Hồ sơ và dòng' 'Dossier and line' -l reference -x
__kyso_option "'authority request issue'" 'Có hiệu lực từ' 'Valid from' -l not-before -x
__kyso_option "'authority request issue'" 'Có hiệu lực đến' 'Valid until' -l not-after -x
__kyso_option "'authority request issue'" 'Chứng thư được thay' 'The certificate it replaces' -l replaces -x
__kyso_option "'authority request revoke'" 'Lý do thu hồi' 'Reason' -l reason -x -a 'unspecified keyCompromise affiliationChanged superseded cessationOfOperation privilegeWithdrawn'
__kyso_option "'authority request revoke'" 'Không tin cậy từ lúc này' 'Since when it is not to be trusted' -l invalid-since -x
__kyso_option "'authority request revoke' 'authority request suspend' 'authority request release' 'authority approve' 'authority reject'" 'Ghi chú' 'Comment' -l comment -x
__kyso_option "'authority request policy'" 'Bản quy chế được thay' 'Version that it replaces' -l replaces-version -x
__kyso_option "'authority approve' 'authority reject'" 'Đồng ý ký, không hỏi' 'Consent without being asked' -l yes
__kyso_option "'authority list'" 'Tình trạng' 'State' -l state -x -a 'waiting authorised done rejected expired failed'
__kyso_option "'authority search'" 'Tình trạng' 'State' -l state -x -a 'waiting good suspended revoked void'
__kyso_option "'authority list' 'authority search'" 'Số dòng nhiều nhất' 'At most so many rows' -l limit -x
__kyso_option "'authority list' 'authority search'" 'Tiếp theo dòng này' 'Continue behind this row' -l after -x
__kyso_option "'authority search'" 'Hết hạn trước lúc này' 'Ends before' -l expires-before -x
__kyso_option "'authority certificate'" 'Tệp kết quả' 'Output' -s o -l output -x -a "(__kyso_files '' pem crt cer)"
__kyso_option "'authority policy get'" 'Thư mục mới' 'New folder' -s o -l output -x -a "(__kyso_files '' /)"
__kyso_option "'authority policy enrol-passkey'" 'Tệp JSON từ cổng đăng ký' 'JSON file of the portal' -l from -x -a "(__kyso_files '' json)"
__kyso_option "'authority policy enrol-passkey'" 'Mã của khóa truy cập' 'Id of the credential' -l credential -x
__kyso_option "'authority policy enrol-passkey'" 'Khóa công khai' 'Public key' -l public-key -x
__kyso_option "'authority policy enrol-passkey'" 'Thiết bị nào' 'Which device' -l label -x
__kyso_option "'desk personalise' 'desk unlock'" 'Thư viện PKCS#11' 'PKCS#11 library' -l module -x -a "(__kyso_files '' so)"
__kyso_option "'desk personalise' 'desk unlock'" 'Thư mục phiếu mã PIN' 'Folder for PIN letters' -l pin-letters -x -a "(__kyso_files '' /)"
__kyso_option "'desk personalise'" 'Chứng thư của khóa gửi giữ' 'Certificate of the escrow key' -l escrow -x -a "(__kyso_files '' pem crt cer der)"
__kyso_option "'desk personalise'" 'Loại khóa' 'Kind of key' -l key -x -a 'rsa:2048 rsa:3072 rsa:4096 ec:p256 ec:p384'
__kyso_option "'desk personalise'" 'Tên thiết bị' 'Label of the token' -l label -x
__kyso_option "'desk personalise'" 'Khởi tạo lại thiết bị này' 'Make this token anew' -l token -x
__kyso_option "'desk personalise'" 'Tệp mã SO-PIN hiện tại' 'File with its present SO-PIN' -l so-pin-file -r -F
__kyso_option "'authority policy diff'" 'So với thư mục này' 'Compare with this folder' -l from -x -a "(__kyso_files '' /)"

set -l ceremony "'ceremony approve' 'ceremony run' 'ceremony record'"
__kyso_option $ceremony 'Đọc mã PIN từ tệp' 'Read the PIN from a file' -l pin-file -r -F
__kyso_option $ceremony 'Đọc mã PIN từ mô tả tệp' 'Read the PIN from a file descriptor' -l pin-fd -x
__kyso_option $ceremony 'Đồng ý dùng lần nhập PIN cuối cùng' "Consent to spending a token's last PIN try" -l use-last-try
__kyso_option "'ceremony approve'" 'SHA-256 của kế hoạch' 'SHA-256 of the plan' -l sha256 -x
__kyso_option "'ceremony approve'" 'Khóa của người vận hành' "The operator's key" -l holder -x -a '(__kyso_holders)'
__kyso_option "'ceremony approve'" 'Tệp phê duyệt' 'File of the approval' -s o -l output -x -a "(__kyso_files '' jws)"
__kyso_option "'ceremony run'" 'Phê duyệt' Approval -l approval -x -a "(__kyso_files '' jws)"
__kyso_option "'ceremony run'" 'Thư mục kết quả' 'Folder of the results' -s o -l output -x -a "(__kyso_files '' /)"
__kyso_option "'ceremony record'" 'Không mở các thiết bị' "Don't look into the tokens" -l without-tokens
