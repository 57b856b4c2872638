#!/bin/sh
# Makes the files of this folder anew with the openssl command (3.0). Not part of the build. Private keys aren't kept.
# All answers are about leaf.cert.pem unless their name says otherwise, and are good for 7 days after they are made.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -f ./*.pem ./*.der

cat > "$work/ext.cnf" <<'CNF'
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature,nonRepudiation
authorityInfoAccess = OCSP;URI:http://ocsp.example.vn
[delegate]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = OCSPSigning
subjectKeyIdentifier = hash
noCheck = ignored
[delegate_checked]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = OCSPSigning
[no_usage]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
CNF

key() { # name
  openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/$1.key"
}
self_signed() { # name subject section
  openssl req -new -utf8 -key "$work/$1.key" -subj "$2" -out "$work/$1.csr"
  openssl x509 -req -in "$work/$1.csr" -signkey "$work/$1.key" -days 36500 -set_serial "$4" -extfile "$work/ext.cnf" \
    -extensions "$3" -out "$1.cert.pem" 2>/dev/null
}
issue() { # name subject section issuer serial
  openssl req -new -utf8 -key "$work/$1.key" -subj "$2" -out "$work/$1.csr"
  openssl x509 -req -in "$work/$1.csr" -CA "$4.cert.pem" -CAkey "$work/$4.key" -days 36500 -set_serial "$5" \
    -extfile "$work/ext.cnf" -extensions "$3" -out "$1.cert.pem" 2>/dev/null
}
for name in root issuing other leaf revoked hold unlisted delegate checked foreign no-usage selfmade; do key "$name"; done
self_signed root '/C=VN/CN=Gốc mẫu' ca 1
issue issuing '/C=VN/O=Tổ chức mẫu/CN=CA cấp chứng thư mẫu' ca root 2
self_signed other '/C=VN/CN=CA khác mẫu' ca 3
issue leaf '/C=VN/CN=Nguyễn Văn A' leaf issuing 0x1001
issue revoked '/C=VN/CN=Nguyễn Văn A (thu hồi)' leaf issuing 0x1002
issue hold '/C=VN/CN=Nguyễn Văn A (tạm dừng)' leaf issuing 0x1003
issue unlisted '/C=VN/CN=Nguyễn Văn A (không có)' leaf issuing 0x1004
issue delegate '/C=VN/CN=OCSP mẫu' delegate issuing 0x2001
issue checked '/C=VN/CN=OCSP mẫu có kiểm tra' delegate_checked issuing 0x2002
issue foreign '/C=VN/CN=OCSP của CA khác' delegate other 0x2003
issue no-usage '/C=VN/CN=Không phải OCSP' no_usage issuing 0x2004
self_signed selfmade '/C=VN/CN=OCSP tự cấp' delegate 0x2005
# The same key and name certified again.
cp "$work/issuing.key" "$work/issuing-again.key"
issue issuing-again '/C=VN/O=Tổ chức mẫu/CN=CA cấp chứng thư mẫu' ca root 4

line() { # status revocation serial
  printf '%s\t21261030000000Z\t%s\t%s\tunknown\t/CN=%s\n' "$1" "$2" "$3" "$3"
}
{
  line V '' 1001
  line R '260901000000Z,keyCompromise' 1002
  line R '260902000000Z,certificateHold' 1003
  line V '' 2002
} > "$work/index.txt"

answer() { # out signer "request options" "response options"
  out=$1; signer=$2; request=$3; response=$4
  # shellcheck disable=SC2086
  openssl ocsp $request -reqout "$work/request" 
  # shellcheck disable=SC2086
  openssl ocsp -index "$work/index.txt" -CA issuing.cert.pem -rsigner "$signer.cert.pem" -rkey "$work/$signer.key" \
    -reqin "$work/request" -respout "$out.der" $response 
}
ask() { # certificate
  printf -- '-no_nonce -issuer issuing.cert.pem -cert %s.cert.pem' "$1"
}
week='-ndays 7'
answer good issuing "$(ask leaf)" "$week"
answer revoked issuing "$(ask revoked)" "$week"
answer hold issuing "$(ask hold)" "$week"
answer unlisted issuing "$(ask unlisted)" "$week"
answer without-next-update issuing "$(ask leaf)" ''
answer reissued issuing-again "$(ask leaf)" "$week"
answer delegated delegate "$(ask leaf)" "$week"
answer delegated-by-key delegate "$(ask leaf)" "$week -resp_key_id"
answer delegated-without-certificate delegate "$(ask leaf)" "$week -resp_no_certs"
answer checked checked "$(ask leaf)" "$week"
answer checked-status issuing "$(ask checked)" "$week"
answer foreign foreign "$(ask leaf)" "$week"
answer no-usage no-usage "$(ask leaf)" "$week"
answer selfmade selfmade "$(ask leaf)" "$week"
answer bad-signature issuing "$(ask leaf)" "$week -badsig"
answer nonce delegate "-issuer issuing.cert.pem -cert leaf.cert.pem" "$week"
for digest in sha256 sha384 sha512; do
  answer "id-$digest" delegate "-no_nonce -issuer issuing.cert.pem -$digest -cert leaf.cert.pem" "$week"
done
answer several delegate "$(ask leaf) -cert revoked.cert.pem -cert hold.cert.pem -cert unlisted.cert.pem" "$week"
# The number of the leaf, asked about as if the other authority had issued it.
openssl ocsp -no_nonce -issuer other.cert.pem -serial 0x1001 -reqout "$work/request" 
openssl ocsp -index "$work/index.txt" -CA other.cert.pem -rsigner other.cert.pem -rkey "$work/other.key" \
  -reqin "$work/request" -respout other-issuer.der -ndays 7 

openssl ocsp -no_nonce -issuer issuing.cert.pem -cert leaf.cert.pem -reqout request-sha1.der
openssl ocsp -no_nonce -issuer issuing.cert.pem -sha256 -cert leaf.cert.pem -reqout request-sha256.der

# A list of the same revocations.
cat > "$work/ca.cnf" <<CNF
[ca]
default_ca = one
[one]
database = $work/index.txt
crlnumber = $work/crlnumber
default_md = sha256
default_crl_days = 30
crl_extensions = list
[list]
authorityKeyIdentifier = keyid
CNF
echo 0A01 > "$work/crlnumber"
openssl ca -gencrl -config "$work/ca.cnf" -cert issuing.cert.pem -keyfile "$work/issuing.key" -out list.crl.pem
