# bash completion for kyso; works with and without the package bash-completion.
# Installed as share/bash-completion/completions/kyso, or: . kyso.bash
# shellcheck shell=bash

_kyso_roles=(initials leader comment number organisation appendix copy incoming plain)
_kyso_schemes=(rsa-pkcs1-sha256 rsa-pkcs1-sha384 rsa-pkcs1-sha512 rsa-pss-sha256 rsa-pss-sha384 rsa-pss-sha512
  ecdsa-p256-sha256 ecdsa-p256-sha384 ecdsa-p256-sha512 ecdsa-p384-sha256 ecdsa-p384-sha384 ecdsa-p384-sha512 ed25519)
_kyso_signing='--role --near --page --rect --field --template --image --reason --location --edge-seal --number --date
  --comment --agency --copy-kind --forward --file-code --profile --tsa --tsa-timeout --scheme --chain --lock --certify
  --password --repair'
_kyso_verifying='--trust --only-trust --policy'
_kyso_network='--no-cache --fetch-timeout'
_kyso_officer='--server --ca-file --timeout --holder --pin-file --pin-fd --use-last-try'
_kyso_request='-o --output --purpose --valid-for'

# The options of a command ("template new" is one), without those of all commands.
_kyso_options() {
  case $1 in
    '') echo --version ;;
    sign) echo "-o --output --holder --pin-file --pin-fd --use-last-try $_kyso_signing $_kyso_verifying --batch --results --jobs" ;;
    prepare) echo "-o --output --certificate --state $_kyso_signing" ;;
    complete) echo '-o --output --signature --state --tsa --tsa-timeout --password' ;;
    verify)
      echo "--at --content --details --html --pdf --etsi --save-evidence --jobs --password --online --offline
        $_kyso_verifying $_kyso_network" ;;
    extend)
      echo "-o --output --content --level --tsa --tsa-timeout --vri --password $_kyso_verifying $_kyso_network" ;;
    extract) echo '-o --output --revision --signature --password' ;;
    facts) echo '-o --output --password' ;;
    judge) echo "--at $_kyso_verifying" ;;
    'trust add') echo '--reason --name --from --until --revocation --intermediate' ;;
    'trust remove') echo '--reason' ;;
    inspect) echo '--password --repair' ;;
    text) echo '--page --password --repair' ;;
    'ceremony approve') echo '--sha256 --holder -o --output --pin-file --pin-fd --use-last-try' ;;
    'ceremony run') echo '--approval -o --output --pin-file --pin-fd --use-last-try' ;;
    'ceremony record') echo '--without-tokens --pin-file --pin-fd --use-last-try' ;;
    'authority approve') echo "$_kyso_officer --comment --yes" ;;
    'authority certificate') echo "$_kyso_officer --issuer -o --output" ;;
    'authority doctor') echo "$_kyso_officer" ;;
    'authority list') echo "$_kyso_officer --state --limit --after" ;;
    'authority policy diff') echo "$_kyso_officer --from" ;;
    'authority policy enrol-passkey') echo "$_kyso_officer $_kyso_request --from --credential --public-key --label" ;;
    'authority policy get') echo "$_kyso_officer -o --output" ;;
    'authority reject') echo "$_kyso_officer --comment --yes" ;;
    'authority request issue')
      echo "$_kyso_officer $_kyso_request
        --issuer --from --csr --profile --subject --name --reference --not-before --not-after --replaces" ;;
    'authority request policy') echo "$_kyso_officer $_kyso_request --replaces-version" ;;
    'authority request release') echo "$_kyso_officer $_kyso_request --issuer --comment" ;;
    'authority request revoke') echo "$_kyso_officer $_kyso_request --issuer --reason --invalid-since --comment" ;;
    'authority request suspend') echo "$_kyso_officer $_kyso_request --issuer --comment" ;;
    'authority search') echo "$_kyso_officer --issuer --profile --state --limit --after --expires-before" ;;
    'authority show') echo "$_kyso_officer" ;;
    'desk jobs') echo "$_kyso_officer" ;;
    'desk personalise')
      echo "$_kyso_officer --module --escrow --pin-letters --key --label --token --so-pin-file" ;;
    'desk unlock') echo "$_kyso_officer --module --pin-letters" ;;
    'template new')
      echo '--role --from --image --signer-name --agency --width --height --seal-diameter --seal-overlap' ;;
  esac
}

# True when the option is followed by a value.
_kyso_takes_value() {
  case $1 in
    --use-last-try | --lock | --repair | --json | --quiet | --help | --version) return 1 ;;
    --details | --only-trust | --online | --offline | --no-cache | --intermediate | --vri | --yes | --without-tokens) return 1 ;;
    --* | -o) return 0 ;;
    *) return 1 ;;
  esac
}

# Words before the cursor as the person wrote them: bash cuts at ":" and "=" too. Sets `words` (in the caller).
_kyso_split() {
  local rest=${COMP_LINE:0:COMP_POINT} word blank i
  words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    blank=${rest%%[![:space:]]*}
    rest=${rest#"$blank"}
    word=${COMP_WORDS[i]}
    [[ $i == "$COMP_CWORD" ]] && word=$rest
    if [[ $blank || $i == 0 ]]; then words+=("$word"); else words[-1]+=$word; fi
    rest=${rest#"$word"}
  done
}

# Candidates out of a list of words: _kyso_words PREFIX WORD...
_kyso_words() {
  local prefix=$1 word
  shift
  for word; do [[ $word == "$prefix"* ]] && COMPREPLY+=("$word"); done
}

# Files whose names end as said, whatever their capitals, and folders: _kyso_files PREFIX BEFORE [EXTENSION...]
# BEFORE stands before the file name in the word ("p12:").
_kyso_files() {
  local prefix=$1 before=$2 path extension found
  shift 2
  prefix=${prefix#[\"\']}
  prefix=${prefix//\\/}
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do
    if [[ -d ${path/#\~/$HOME} ]]; then
      # Behind a comma readline doesn't see a path and puts no slash itself.
      if [[ $before == *, ]]; then COMPREPLY+=("$before$path/"); else COMPREPLY+=("$before$path"); fi
      continue
    fi
    found=$#
    for extension; do [[ ${path,,} == *."$extension" ]] && found=0; done
    [[ $found == 0 ]] && COMPREPLY+=("$before$path")
  done < <(compgen -f -- "$prefix")
  [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == */ ]] && compopt -o nospace 2>/dev/null
}

_kyso_templates() {
  local program=${words[0]/#\~/$HOME} name
  while IFS= read -r name; do
    [[ $name == "$1"* ]] && COMPREPLY+=("$(printf %q "$name")")
  done < <("$program" template list --json 2>/dev/null | sed -n 's/^ *"name": "\(.*\)",\{0,1\}$/\1/p')
}

_kyso_holder() {
  case $1 in
    p12:*) _kyso_files "${1#p12:}" p12: p12 pfx ;;
    pem:*,*) local key=${1%,*}; _kyso_files "${1##*,}" "$key," pem crt cer ;;
    pem:*) _kyso_files "${1#pem:}" pem: pem key ;;
    pkcs11:*) ;;
    *) compopt -o nospace 2>/dev/null; _kyso_words "$1" p12: pem: pkcs11: ;;
  esac
}

_kyso_password() {
  case $1 in
    file:*) _kyso_files "${1#file:}" file: ;;
    fd:*) ;;
    *) _kyso_words "$1" prompt file: fd: ; [[ ${COMPREPLY[*]} == *: ]] && compopt -o nospace 2>/dev/null ;;
  esac
}

# The values of an option: _kyso_value COMMAND OPTION PREFIX
_kyso_value() {
  case $2 in
    --lang) _kyso_words "$3" vi en ;;
    --role) _kyso_words "$3" "${_kyso_roles[@]}" ;;
    --profile)
      case $1 in
        authority*) ;;
        *) _kyso_words "$3" b-b b-t b-lt b-lta legacy ;;
      esac ;;
    --scheme) _kyso_words "$3" "${_kyso_schemes[@]}" ;;
    --edge-seal) _kyso_words "$3" by-the-book many-widgets off ;;
    --copy-kind) _kyso_words "$3" sao-y sao-luc trich-sao ;;
    --policy) _kyso_words "$3" strict tt15 legacy-vn; _kyso_files "$3" '' toml ;;
    --revocation) _kyso_words "$3" required if-published ;;
    --level) _kyso_words "$3" t lt lta ;;
    --certify) _kyso_words "$3" 1 2 3 ;;
    --from)
      case $1 in
        'authority request issue') _kyso_files "$3" '' toml json ;;
        'authority policy diff') _kyso_files "$3" '' / ;;
        'authority policy enrol-passkey') _kyso_files "$3" '' json ;;
        'template new') _kyso_templates "$3" ;;
      esac ;;
    --template) _kyso_templates "$3" ;;
    --reason) [[ $1 == 'authority request revoke' ]] && _kyso_words "$3" unspecified keyCompromise affiliationChanged superseded \
      cessationOfOperation privilegeWithdrawn ;;
    --approval) _kyso_files "$3" '' jws ;;
    --csr) _kyso_files "$3" '' csr p10 pem der ;;
    --name) [[ $1 == authority* ]] && { compopt -o nospace 2>/dev/null; _kyso_words "$3" email: dns: ip: uri: ; } ;;
    --holder) _kyso_holder "$3" ;;
    --password) _kyso_password "$3" ;;
    --image) _kyso_files "$3" '' png ;;
    --pin-letters) _kyso_files "$3" '' / ;;
    --module) _kyso_files "$3" '' so ;;
    --key) _kyso_words "$3" rsa:2048 rsa:3072 rsa:4096 ec:p256 ec:p384 ;;
    --chain | --certificate | --trust | --ca-file | --escrow) _kyso_files "$3" '' pem crt cer der ;;
    --state)
      case $1 in
        'authority list') _kyso_words "$3" waiting authorised 'done' rejected expired failed ;;
        'authority search') _kyso_words "$3" waiting good suspended revoked void ;;
        *) _kyso_files "$3" '' json ;;
      esac ;;
    --save-evidence) _kyso_files "$3" '' json ;;
    --html) _kyso_files "$3" '' html ;;
    --pdf) _kyso_files "$3" '' pdf ;;
    --etsi) _kyso_files "$3" '' xml ;;
    --results) _kyso_files "$3" '' jsonl ;;
    -o | --output)
      case $1 in
        facts) _kyso_files "$3" '' json ;;
        extend) _kyso_files "$3" '' pdf p7s p7m sig ;;
        'authority certificate') _kyso_files "$3" '' pem crt cer ;;
        'authority policy get') _kyso_files "$3" '' / ;;
        'ceremony run') _kyso_files "$3" '' / ;;
        authority* | ceremony*) _kyso_files "$3" '' jws ;;
        *) _kyso_files "$3" '' pdf ;;
      esac ;;
    --pin-file | --so-pin-file | --signature | --batch | --content) _kyso_files "$3" '' ;;
  esac
}

# What is no option: a command, a document, a template. _kyso_positional COMMAND COUNT PREFIX
_kyso_positional() {
  case $1 in
    '') _kyso_words "$3" sign prepare complete verify extend extract facts judge trust inspect text template authority desk ceremony errors ;;
    template) _kyso_words "$3" list show new ;;
    authority) _kyso_words "$3" request approve reject show list search certificate doctor policy ;;
    desk) _kyso_words "$3" jobs personalise unlock ;;
    ceremony) _kyso_words "$3" plan approve run record ;;
    'ceremony plan' | 'ceremony approve' | 'ceremony run') [[ $2 == 0 ]] && _kyso_files "$3" '' toml ;;
    'ceremony record')
      case $2 in
        0) _kyso_files "$3" '' toml ;;
        1) _kyso_files "$3" '' / ;;
      esac ;;
    'authority request') _kyso_words "$3" issue revoke suspend release policy ;;
    'authority policy') _kyso_words "$3" get check diff enrol-passkey ;;
    'authority request policy' | 'authority policy check' | 'authority policy diff') [[ $2 == 0 ]] && _kyso_files "$3" '' / ;;
    trust) _kyso_words "$3" list add remove ;;
    'trust add') [[ $2 == 0 ]] && _kyso_files "$3" '' pem crt cer der ;;
    verify) _kyso_files "$3" '' pdf p7s p7m sig ;;
    extend) [[ $2 == 0 ]] && _kyso_files "$3" '' pdf p7s p7m sig ;;
    judge) [[ $2 == 0 ]] && _kyso_files "$3" '' json ;;
    'template show') [[ $2 == 0 ]] && _kyso_templates "$3" ;;
    sign | prepare | complete | extract | facts | inspect | text) [[ $2 == 0 ]] && _kyso_files "$3" '' pdf ;;
  esac
}

_kyso() {
  local words current previous command='' count=0 i word
  COMPREPLY=()
  _kyso_split
  current=${words[-1]}
  previous=${words[-2]}
  for ((i = 1; i < ${#words[@]} - 1; i++)); do
    word=${words[i]}
    if [[ $word == -?* ]]; then
      if [[ $word != *=* ]] && _kyso_takes_value "$word"; then i=$((i + 1)); fi
    elif [[ -z $command ]]; then
      command=$word
    elif [[ $command == template || $command == trust || $command == authority || $command == desk || $command == ceremony ||
      $command == 'authority request' || $command == 'authority policy' ]]; then
      command="$command $word"
    else
      count=$((count + 1))
    fi
  done

  if [[ $current == --*=* ]]; then
    _kyso_value "$command" "${current%%=*}" "${current#*=}"
    COMPREPLY=("${COMPREPLY[@]/#/${current%%=*}=}")
  elif [[ $previous == -?* && $previous != *=* ]] && _kyso_takes_value "$previous"; then
    _kyso_value "$command" "$previous" "$current"
  elif [[ $current == -* ]]; then
    # shellcheck disable=SC2046  # words are meant to be split
    _kyso_words "$current" $(_kyso_options "$command") --lang --json -q --quiet -h --help
  else
    _kyso_positional "$command" "$count" "$current"
  fi

  # readline replaces only what follows the last of these characters.
  for ((i = ${#current}; i > 0; i--)); do
    word=${current:i-1:1}
    [[ $word == [:=] && $COMP_WORDBREAKS == *"$word"* ]] || continue
    COMPREPLY=("${COMPREPLY[@]#"${current:0:i}"}")
    break
  done
  return 0
}

complete -F _kyso kyso
