#!/bin/sh
# Makes the files of this folder anew with the openssl command (3.0 with its legacy provider). Not part of the build.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -f ./*.pem ./*.p12 ./*.der ./*.tsr ./*.tsq ./*.bin

person='/C=VN/O=Sở Nội vụ tỉnh Mẫu/OU=Văn phòng Sở/title=Chuyên viên/UID=CCCD:001099000001/CN=Nguyễn Văn A'
cat > "$work/ext.cnf" <<'CNF'
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[issuing]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[leaf]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature,nonRepudiation
extendedKeyUsage = emailProtection,clientAuth
subjectAltName = email:nguyenvana@example.vn
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[encryption]
keyUsage = critical,keyEncipherment
CNF

key() { # name algorithm options...
  name=$1; shift
  openssl genpkey -quiet -out "$name.key.pem" -algorithm "$@"
}
issue() { # name subject section issuer [req options...]
  name=$1; subject=$2; section=$3; issuer=$4; shift 4
  openssl req -new -utf8 -key "$name.key.pem" -subj "$subject" -out "$work/$name.csr" "$@"
  openssl x509 -req -in "$work/$name.csr" -CA "$issuer.cert.pem" -CAkey "$issuer.key.pem" -days 36500 \
    -set_serial "0x$(openssl rand -hex 8 | sed 's/^./4/')" -sha256 -extfile "$work/ext.cnf" -extensions "$section" \
    -out "$name.cert.pem" 2>/dev/null
}

key root RSA -pkeyopt rsa_keygen_bits:2048
openssl req -new -x509 -utf8 -key root.key.pem -subj '/C=VN/O=Cơ quan chứng thực mẫu/CN=Gốc mẫu' -days 36500 -sha256 \
  -config /dev/null -out root.cert.pem -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign'
key issuing RSA -pkeyopt rsa_keygen_bits:2048
issue issuing '/C=VN/O=Cơ quan chứng thực mẫu/CN=Cấp chứng thư mẫu' issuing root

key rsa2048 RSA -pkeyopt rsa_keygen_bits:2048;  issue rsa2048 "$person" leaf issuing
key rsa3072 RSA -pkeyopt rsa_keygen_bits:3072;  issue rsa3072 "$person" leaf issuing
key rsa4096 RSA -pkeyopt rsa_keygen_bits:4096;  issue rsa4096 "$person" leaf issuing
key rsa1024 RSA -pkeyopt rsa_keygen_bits:1024;  issue rsa1024 "$person" leaf issuing
key pssonly RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha256 \
  -pkeyopt rsa_pss_keygen_mgf1_md:sha256 -pkeyopt rsa_pss_keygen_saltlen:32
issue pssonly "$person" leaf issuing -sigopt rsa_pss_saltlen:32
key p256 EC -pkeyopt ec_paramgen_curve:P-256;   issue p256 "$person" leaf issuing
key p384 EC -pkeyopt ec_paramgen_curve:P-384;   issue p384 "$person" leaf issuing
key p521 EC -pkeyopt ec_paramgen_curve:P-521;   issue p521 "$person" leaf issuing
key ed25519 ED25519;                            issue ed25519 "$person" leaf issuing

# Certificates signed in other ways than PKCS#1 v1.5.
key root-p384 EC -pkeyopt ec_paramgen_curve:P-384
openssl req -new -x509 -utf8 -key root-p384.key.pem -subj '/C=VN/CN=Gốc P-384' -days 36500 -sha384 -config /dev/null \
  -addext 'basicConstraints=critical,CA:TRUE' -out root-p384.cert.pem
key root-ed25519 ED25519
openssl req -new -x509 -utf8 -key root-ed25519.key.pem -subj '/C=VN/CN=Gốc Ed25519' -days 36500 -config /dev/null \
  -out root-ed25519.cert.pem
openssl req -new -x509 -utf8 -key root.key.pem -subj '/C=VN/CN=Gốc PSS' -days 36500 -sha384 -config /dev/null \
  -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:48 -sigopt rsa_mgf1_md:sha384 -out root-pss.cert.pem
openssl req -new -x509 -utf8 -key root.key.pem -subj '/C=VN/CN=Gốc SHA-1' -days 36500 -sha1 -config /dev/null \
  -out root-sha1.cert.pem

# Names: an organisation with tax code, other string types, person first, an unusual value.
name() { # file mask subject
  printf '[req]\nstring_mask = %s\ndistinguished_name = dn\n[dn]\n' "$2" > "$work/name.cnf"
  openssl req -new -x509 -utf8 -key p256.key.pem -subj "$3" -days 36500 -sha256 -config "$work/name.cnf" -out "$1.cert.pem"
}
name name-organisation utf8only '/C=VN/L=Tỉnh Mẫu/UID=MST:0100000000/CN=Ủy ban nhân dân tỉnh Mẫu'
name name-bmp MASK:0x800 '/C=VN/O=Sở Nội vụ/CN=Đặng Thị Ườn'
name name-t61 MASK:0x4 '/C=VN/O=Sâ/CN=Lê Hà'
name name-universal MASK:0x100 '/CN=Trần Ngọc Ưng'
name name-person-first utf8only '/CN=Nguyễn Văn A/OU=Phòng gần/OU=Sở xa/O=Tỉnh Mẫu/C=VN'
name name-escapes utf8only '/C=VN/CN= #A, "B" \+ <C>; \\ D /emailAddress=a@example.vn'
# The same name as root.cert.pem's in other letters' case.
name name-root-upper utf8only '/C=VN/O=CƠ QUAN CHỨNG THỰC MẪU/CN=GỐC MẪU'

cat issuing.cert.pem root.cert.pem > chain.pem
# Vietnamese password, AES-256 + PBKDF2-SHA256, chain in the wrong order and a stranger's certificate.
password='mật khẩu Ký số 1'
cat root.cert.pem root-p384.cert.pem issuing.cert.pem > "$work/shuffled.pem"
openssl pkcs12 -export -inkey rsa2048.key.pem -in rsa2048.cert.pem -certfile "$work/shuffled.pem" -out modern.p12 \
  -passout "pass:$password"
openssl pkcs12 -export -inkey p256.key.pem -in p256.cert.pem -certfile chain.pem -out modern-p256.p12 -passout pass:1234
openssl pkcs12 -export -inkey p384.key.pem -in p384.cert.pem -out modern-p384.p12 -passout pass:1234
openssl pkcs12 -export -inkey ed25519.key.pem -in ed25519.cert.pem -out modern-ed25519.p12 -passout pass:1234
openssl pkcs12 -export -legacy -inkey rsa2048.key.pem -in rsa2048.cert.pem -certfile chain.pem -out legacy-rc2.p12 \
  -passout "pass:$password"
openssl pkcs12 -export -inkey rsa2048.key.pem -in rsa2048.cert.pem -certfile chain.pem -out legacy-3des.p12 \
  -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 -passout pass:1234
openssl pkcs12 -export -inkey rsa2048.key.pem -in rsa2048.cert.pem -out empty-password.p12 -passout pass:
openssl pkcs12 -export -nomac -inkey rsa2048.key.pem -in rsa2048.cert.pem -out no-mac.p12 -passout pass:1234
openssl pkcs12 -export -inkey rsa1024.key.pem -in rsa1024.cert.pem -out weak.p12 -passout pass:1234
openssl pkcs12 -export -inkey p521.key.pem -in p521.cert.pem -out p521.p12 -passout pass:1234
openssl pkcs12 -export -nokeys -in rsa2048.cert.pem -out no-key.p12 -passout pass:1234
# A decomposed password: what some systems hand over for the same letters.
printf '%s' "$password" | python3 -c 'import sys,unicodedata; print(unicodedata.normalize("NFD", sys.stdin.read()),end="")' > "$work/nfd"
openssl pkcs12 -export -inkey p256.key.pem -in p256.cert.pem -out password-nfd.p12 -passout "file:$work/nfd"

openssl pkcs8 -topk8 -in rsa2048.key.pem -out encrypted-pkcs8.key.pem -passout "pass:$password"
openssl pkcs8 -topk8 -v1 PBE-SHA1-RC2-40 -provider legacy -provider default -in rsa2048.key.pem \
  -out encrypted-pkcs8-rc2.key.pem -passout pass:1234
openssl rsa -traditional -in rsa2048.key.pem -out traditional-rsa.key.pem 2>/dev/null
openssl rsa -traditional -aes128 -in rsa2048.key.pem -out traditional-rsa-encrypted.key.pem -passout pass:1234 2>/dev/null
openssl ec -in p256.key.pem -out traditional-ec.key.pem 2>/dev/null
openssl ec -in p384.key.pem -no_public -out traditional-ec-no-public.key.pem 2>/dev/null

# A time-stamp of an independent program: imprint of message.bin, SHA-256 and SHA-1.
key tsa RSA -pkeyopt rsa_keygen_bits:2048
issue tsa '/C=VN/O=Cơ quan chứng thực mẫu/CN=Máy chủ cấp dấu thời gian mẫu' tsa issuing
printf 'Văn bản mẫu' > message.bin
cat > "$work/tsa.cnf" <<CNF
[tsa]
default_tsa = one
[one]
serial = $work/serial
signer_cert = tsa.cert.pem
signer_key = tsa.key.pem
certs = issuing.cert.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.5
digests = sha1, sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = \$ENV::ESS
CNF
for ess in sha1 sha256; do
  for imprint in sha1 sha256; do
    ESS=$ess openssl ts -query -data message.bin "-$imprint" -cert -out "$work/request.tsq" -config "$work/tsa.cnf" 2>/dev/null
    ESS=$ess openssl ts -reply -config "$work/tsa.cnf" -queryfile "$work/request.tsq" -token_out \
      -out "token-$imprint-ess-$ess.der" 2>/dev/null
  done
done

# CMS of an independent program, for reading: with signing time, DER and BER with indefinite lengths.
openssl cms -sign -binary -cades -in message.bin -inkey rsa2048.key.pem -signer rsa2048.cert.pem -certfile chain.pem \
  -md sha256 -outform DER -out cms-openssl.der
openssl cms -sign -binary -stream -in message.bin -inkey rsa2048.key.pem -signer rsa2048.cert.pem -md sha256 \
  -outform DER -out cms-openssl-ber.der
openssl cms -sign -binary -keyid -in message.bin -inkey p256.key.pem -signer p256.cert.pem -md sha256 \
  -outform DER -out cms-openssl-keyid.der
openssl cms -sign -binary -in message.bin -inkey rsa2048.key.pem -signer rsa2048.cert.pem -md sha1 \
  -outform DER -out cms-openssl-sha1.der
openssl cms -sign -binary -noattr -in message.bin -inkey rsa2048.key.pem -signer rsa2048.cert.pem -md sha256 \
  -outform DER -out cms-no-attributes.der
